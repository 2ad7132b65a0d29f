/// Reduces a name to the ASCII that a reader, a registry or a careless decoder could take it for.
enum FoldedName {
    /// Lower-case ASCII: compatibility forms and look-alikes of the letters and signs that matter as what they look
    /// like, blanks and hidden characters left out, everything else as 0x01, which matches nothing.
    static func fold(_ name: String) -> [UInt8] {
        name.unicodeScalars.compactMap(Self.fold)
    }

    private static func fold(_ scalar: Unicode.Scalar) -> UInt8? {
        if Self.isHidden(scalar) || scalar.properties.isWhitespace { return nil }
        if scalar.isASCII { return Self.lowercased(UInt8(scalar.value)) }
        if let byte = Self.compatibilityForm(scalar.value) { return Self.lowercased(byte) }
        return Self.lookAlikes[scalar] ?? 0x01
    }

    private static func lowercased(_ byte: UInt8) -> UInt8 {
        (0x41...0x5A).contains(byte) ? byte | 0x20 : byte
    }

    /// True for what does not show: control and format characters, joiners, variation selectors, combining marks, and
    /// the replacement character that stands for bytes that were no text.
    static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII { return scalar.value < 0x20 && !scalar.properties.isWhitespace || scalar.value == 0x7F }
        switch scalar.properties.generalCategory {
        case .control, .format, .nonspacingMark, .enclosingMark, .privateUse, .surrogate, .unassigned:
            return true
        default:  // Unicode's enum, not ours: it may grow.
            return scalar.properties.isDefaultIgnorableCodePoint || scalar.value == 0xFFFD
        }
    }

    /// The ASCII that Unicode's compatibility decomposition (UAX 15) gives for blocks laid out in ASCII order.
    private static func compatibilityForm(_ value: UInt32) -> UInt8? {
        switch value {
        case 0xFF01...0xFF5E: UInt8(value - 0xFF01 + 0x21)  // Full width.
        case 0x249C...0x24B5: UInt8(value - 0x249C + 0x61)  // Parenthesized small letters.
        case 0x24B6...0x24CF: UInt8(value - 0x24B6 + 0x61)  // Circled capitals.
        case 0x24D0...0x24E9: UInt8(value - 0x24D0 + 0x61)  // Circled small letters.
        case 0x1F110...0x1F129: UInt8(value - 0x1F110 + 0x61)  // Parenthesized capitals.
        case 0x1F130...0x1F149: UInt8(value - 0x1F130 + 0x61)  // Squared capitals.
        case 0x1F150...0x1F169: UInt8(value - 0x1F150 + 0x61)  // Negative circled capitals.
        case 0x1F170...0x1F189: UInt8(value - 0x1F170 + 0x61)  // Negative squared capitals.
        case 0x1F1E6...0x1F1FF: UInt8(value - 0x1F1E6 + 0x61)  // Regional indicators.
        // Thirteen mathematical alphabets of 26 capitals and 26 small letters each.
        case 0x1D400...0x1D6A3: UInt8((value - 0x1D400) % 26 + 0x61)
        case 0xE0021...0xE007E: UInt8(value - 0xE0000)  // Tags.
        default: nil
        }
    }

    /// Other letters and signs that look like those of `:cloud`, `-cloud`, `/` and `%`, from Unicode's table of
    /// confusable characters (UTS 39).
    private static let lookAlikes: [Unicode.Scalar: UInt8] = {
        let forms: [(UInt8, String)] = [
            (
                UInt8(ascii: ":"),
                "\u{02D0}\u{02F8}\u{0589}\u{05C3}\u{0703}\u{0704}\u{0903}\u{0A83}\u{16EC}\u{1803}"
                    + "\u{1809}\u{205A}\u{2236}\u{2982}\u{2AF6}\u{A4FD}\u{A789}\u{FE13}\u{FE30}\u{FE55}"
            ),
            (
                UInt8(ascii: "-"),
                "\u{02D7}\u{058A}\u{06D4}\u{1806}\u{2010}\u{2011}\u{2012}\u{2013}\u{2014}\u{2015}\u{2043}"
                    + "\u{207B}\u{208B}\u{2212}\u{2500}\u{2796}\u{2CBA}\u{30FC}\u{FE58}\u{FE63}\u{FE31}\u{FE32}"
            ),
            (UInt8(ascii: "/"), "\u{2044}\u{2215}\u{2571}\u{29F8}\u{1735}\u{2CC6}\u{3033}\u{30CE}\u{4E3F}"),
            (UInt8(ascii: "%"), "\u{066A}\u{2052}\u{FE6A}"),
            (UInt8(ascii: "."), "\u{3002}\u{FF61}\u{2024}\u{FE52}\u{0660}\u{06F0}\u{A4F8}"),
            (
                UInt8(ascii: "c"),
                "\u{0421}\u{0441}\u{03F2}\u{03F9}\u{1D04}\u{2CA4}\u{2CA5}\u{216D}\u{217D}\u{2102}"
                    + "\u{212D}\u{A4DA}\u{ABAF}\u{13DF}\u{0188}\u{00E7}\u{00C7}\u{0107}\u{0106}\u{010D}\u{010C}\u{0187}"
            ),
            (
                UInt8(ascii: "l"),
                "\u{2113}\u{2112}\u{217C}\u{216C}\u{0406}\u{0456}\u{04C0}\u{04CF}\u{0196}\u{01C0}\u{0399}\u{0627}"
                    + "\u{05D5}\u{05DF}\u{0661}\u{06F1}\u{2223}\u{23FD}\u{2C92}\u{2D4F}\u{A4F2}\u{A4E1}\u{13DE}\u{029F}"
                    + "\u{0142}\u{0141}\u{013A}\u{013E}\u{013C}\u{02E1}"
            ),
            (
                UInt8(ascii: "o"),
                "\u{041E}\u{043E}\u{039F}\u{03BF}\u{03C3}\u{0555}\u{0585}\u{05E1}\u{0647}\u{0665}\u{06F5}\u{0966}"
                    + "\u{09E6}\u{0A66}\u{0AE6}\u{0BE6}\u{0C66}\u{0CE6}\u{0D66}\u{0E50}\u{0ED0}\u{1040}\u{1D0F}\u{1D11}"
                    + "\u{2134}\u{2C9E}\u{2C9F}\u{3007}\u{A4F3}\u{00F2}\u{00F3}\u{00F4}\u{00F5}\u{00F6}\u{00F8}\u{00D2}"
                    + "\u{00D3}\u{00D4}\u{00D5}\u{00D6}\u{00D8}\u{00BA}\u{1D52}\u{2092}"
            ),
            (
                UInt8(ascii: "u"),
                "\u{03C5}\u{057D}\u{054D}\u{028B}\u{1D1C}\u{144C}\u{1200}\u{222A}\u{22C3}\u{A4F4}\u{AB4E}\u{AB52}"
                    + "\u{00F9}\u{00FA}\u{00FB}\u{00FC}\u{00D9}\u{00DA}\u{00DB}\u{00DC}\u{1D58}\u{1D64}\u{A79F}"
            ),
            (
                UInt8(ascii: "d"),
                "\u{0501}\u{0500}\u{217E}\u{216E}\u{2145}\u{2146}\u{13E7}\u{146F}\u{A4D2}\u{A4D3}\u{0257}\u{0256}"
                    + "\u{0111}\u{0110}\u{010F}\u{010E}\u{1D05}\u{1D48}"
            ),
        ]
        var table: [Unicode.Scalar: UInt8] = [:]
        for (byte, scalars) in forms {
            for scalar in scalars.unicodeScalars { table[scalar] = byte }
        }
        return table
    }()
}
