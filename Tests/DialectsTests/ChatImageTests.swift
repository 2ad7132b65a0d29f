import Dialects
import Testing

/// A picture's type, where nobody says it.
struct ChatImageTests {
    private func type(_ base64: String, said: String? = nil) -> String? {
        ChatImage(mediaType: said, base64: bytes(base64)[...]).mediaTypeOrSniffed
    }

    @Test func `a type that was said counts, whatever the bytes are`() {
        #expect(self.type("iVBORw0KGgo=", said: "image/heic") == "image/heic")
    }

    @Test(arguments: [
        ("iVBORw0KGgoAAAANSUhEUg==", "image/png"),
        ("/9j/4AAQSkZJRgABAQ==", "image/jpeg"),
        ("R0lGODdhAQABAIAAAA==", "image/gif"),
        ("R0lGODlhAQABAIAAAA==", "image/gif"),
        ("UklGRiQAAABXRUJQVlA4IBgAAAA=", "image/webp"),
    ])
    func `the first bytes show the type`(base64: String, type: String) {
        #expect(self.type(base64) == type)
    }

    @Test func `slashes may be escaped, and the alphabet be that of URLs`() {
        #expect(self.type(#"\/9j\/4AAQSkZJRgABAQ=="#) == "image/jpeg")
        #expect(self.type("_9j_4AAQSkZJRgABAQ==") == "image/jpeg")
    }

    @Test(arguments: ["", "A", "iVBO", "UklGRiQAAABBVkkgTElTVA==", "iVB!Rw0KGgo=", "JVBERi0xLjQ="])
    func `what is too short, no base64 or something else has none`(base64: String) {
        #expect(self.type(base64) == nil)
    }
}
