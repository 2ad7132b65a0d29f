import CLibcurl
import Vocabulary

extension TransferFailure {
    /// What libcurl's `code` means in `phase`. `message` is libcurl's own text.
    init(_ code: CURLcode, message: String, phase: Phase) {
        let reason =
            switch phase {
            case .connecting: Self.reasonWhileConnecting(code)
            case .waiting: Self.reasonWhileWaiting(code)
            case .answering: Self.reasonWhileAnswering(code, message)
            }
        self.init(reason: reason, detail: Self.place(phase) + message, phase: phase)
    }

    private static func place(_ phase: Phase) -> String {
        switch phase {
        case .connecting: "connecting: "
        case .waiting: "before the answer: "
        case .answering: "inside the answer: "
        }
    }

    private static func reasonWhileConnecting(_ code: CURLcode) -> Reason {
        switch code {
        case CURLE_OPERATION_TIMEDOUT: .upstreamConnectTimeout
        // The server's certificate leads to no authority that counts, is for another name, too old or of another key;
        // or what we were given to judge it by cannot be read.
        case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_PINNEDPUBKEYNOTMATCH, CURLE_SSL_ISSUER_ERROR,
            CURLE_SSL_INVALIDCERTSTATUS, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CRL_BADFILE, CURLE_SSL_CERTPROBLEM:
            .tlsIdentity
        case CURLE_OUT_OF_MEMORY, CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL, CURLE_FAILED_INIT:
            .internalError
        default: .upstreamConnectFailed
        }
    }

    /// The request was sent. A header line longer than libcurl's bound (100 KiB) is CURLE_OUT_OF_MEMORY there
    /// (`Curl_dyn_addn` in lib/dynbuf.c), so this is what that means here.
    private static func reasonWhileWaiting(_ code: CURLcode) -> Reason {
        switch code {
        case CURLE_WEIRD_SERVER_REPLY, CURLE_UNSUPPORTED_PROTOCOL, CURLE_FILESIZE_EXCEEDED, CURLE_OUT_OF_MEMORY:
            .upstreamMalformed
        default: .upstreamTruncated
        }
    }

    /// A bad chunk has the same code as a broken connection, CURLE_RECV_ERROR; only the text tells them apart
    /// (`readwrite_data` in lib/transfer.c of libcurl 7.88). Should it ever change, the answer still failed, under the
    /// neighbouring name.
    private static func reasonWhileAnswering(_ code: CURLcode, _ message: String) -> Reason {
        switch code {
        case CURLE_OUT_OF_MEMORY: .internalError
        case CURLE_RECV_ERROR where message.hasSuffix("in chunked-encoding"): .upstreamMalformed
        default: .upstreamTruncated
        }
    }
}
