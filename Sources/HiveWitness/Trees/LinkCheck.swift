/// Follows the symbolic links of a tree, without a disk, to see where they lead.
///
/// To look at each target alone is not enough: `up -> ../..` and `out -> a/b/up/..` each stay
/// inside as they are written, and together they do not. So the links on the way are followed,
/// as the kernel does.
struct LinkCheck {
    /// As many as Linux follows (path_resolution(7)).
    static let linksMax = 40
    /// Linux's PATH_MAX.
    static let targetBytesMax = 4_096

    /// The targets of all links, by their paths.
    var targets: [[UInt8]: [UInt8]]

    /// The first link, by its path, that leads out of the tree; nil: none does.
    func firstLeavingLink() -> [UInt8]? {
        targets.keys.filter(leaves).min { $0.lexicographicallyPrecedes($1) }
    }

    private typealias Part = ArraySlice<UInt8>

    /// A loop, or a chain that is too long, leads nowhere: the kernel gives up on it as well.
    private func leaves(_ link: [UInt8]) -> Bool {
        var here: [Part] = []
        // What is still to walk, the next part last.
        var rest: [Part] = Self.parts(link).reversed()
        var linksLeft = Self.linksMax
        while let part = rest.popLast() {
            if part.elementsEqual(".".utf8) { continue }
            if part.elementsEqual("..".utf8) {
                guard here.popLast() != nil else { return true }
                continue
            }
            here.append(part)
            guard let target = targets[Array(here.joined(separator: [UInt8(ascii: "/")]))] else {
                continue
            }
            guard linksLeft > 0 else { return false }
            linksLeft -= 1
            if target.first == UInt8(ascii: "/") { return true }
            here.removeLast()
            rest += Self.parts(target).reversed()
        }
        return false
    }

    private static func parts(_ path: [UInt8]) -> [Part] {
        path.split(separator: UInt8(ascii: "/"))
    }
}
