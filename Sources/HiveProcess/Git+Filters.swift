extension Git {
    /// The names of all filter drivers in the configuration; nil where they cannot all be named.
    package func namesOfFilterDrivers() async throws(WorkerError) -> [String]? {
        let keys = try await run(
            ["config", "-z", "--name-only", "--get-regexp", "^filter\\."],
            accepting: [0, 1]
        )
        guard !keys.isCut else { return nil }
        var drivers: Set<String> = []
        for key in keys.fields {
            // filter.NAME.clean, where NAME may have dots.
            guard let text = String(validating: key, as: UTF8.self),
                let dot = text.lastIndex(of: ".")
            else { return nil }
            let name = text[..<dot].dropFirst("filter.".count)
            guard !name.contains("=") else { return nil }
            if !name.isEmpty { drivers.insert(String(name)) }
        }
        return drivers.count <= Self.filterDriversMax ? drivers.sorted() : nil
    }
}
