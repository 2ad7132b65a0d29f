// Must not compile: a key's text is for the door alone.
import Residency

func read(_ credential: BackendCredential) -> String {
    credential.revealed
}
