import Configuration
import Residency

extension Value {
    /// A network as `CIDR` reads it: `10.20.0.0/16`, or a single address.
    func network() -> CIDR? {
        self.parsed("a network", message: { (refusal: Refusal) in refusal.message }) {
            (text: String) throws(Refusal) in try CIDR(parsing: text)
        }
    }
}
