/// The version that `hive --version` and `status` name.
package enum HiveVersion {
    /// Semantic version: `major.minor.patch`.
    package static let text = "0.1.0"
}
