internal import HiveControl
package import HiveSignal

// The board's resources: what can be read of it, and watched.

extension HiveFeatures {
    package var resources: [JSONValue] {
        [
            Self.resource(.state, "state", "Where your trace stands, and what may follow"),
            Self.resource(.signals(BoardResource.Filter()), "signals", "The last accepted signals"),
            Self.resource(.quarantine, "quarantine", "What failed, and why"),
            Self.resource(.rules, "rules", "The rule book in force", type: Self.yaml),
        ]
    }

    package var resourceTemplates: [JSONValue] {
        [
            [
                "uriTemplate": .string(BoardResource.signalsTemplate),
                "name": "signals",
                "description": "Accepted signals after a sequence, of a phase, from a port",
                "mimeType": .string(Self.jsonType),
            ],
            [
                "uriTemplate": .string(BoardResource.signalTemplate),
                "name": "signal",
                "description": "One signal: what led to it, and what it led to",
                "mimeType": .string(Self.jsonType),
            ],
        ]
    }

    private static let jsonType = "application/json"
    private static let yaml = "application/yaml"

    private static func resource(
        _ resource: BoardResource,
        _ name: String,
        _ description: String,
        type: String = jsonType
    ) -> JSONValue {
        [
            "uri": .string(resource.uri), "name": .string(name),
            "description": .string(description), "mimeType": .string(type),
        ]
    }

    package func checkSubscription(_ uri: String) throws(MCPError) { _ = try BoardResource(uri) }

    package func read(_ uri: String, _ context: MCPContext) async throws(MCPError) -> [JSONValue] {
        let resource = try BoardResource(uri)
        do throws(ControlError) {
            let isRules = resource == .rules
            return [
                [
                    "uri": .string(uri),
                    "mimeType": .string(isRules ? Self.yaml : Self.jsonType),
                    "text": .string(try await text(of: resource, context)),
                ]
            ]
        } catch {
            if case .signal = resource, error.code == .usage {
                throw MCPError(.resourceNotFound, error.message)
            }
            throw MCPError(.internalError, "\(error.message). \(error.hint)")
        }
    }

    private func text(
        of resource: BoardResource,
        _ context: MCPContext
    ) async throws(ControlError) -> String {
        switch resource {
        case .state:
            do throws(ToolFailure) {
                let standing = try await standing(of: context.session, trace(context))
                return JSONValue.object(try await state(standing)).text
            } catch {
                throw ControlError(.machineFailed, error.message, hint: error.hint)
            }
        case .signals(let filter):
            let lines = try await access.call(Method.logRead, .object(filter.params))
            return JSONValue.object(["signals": lines["lines"] ?? []]).text
        case .quarantine:
            return try await access.call(Method.quarantineList, ["all": true]).text
        case .rules:
            return try await access.call(Method.rules, [:])["text"]?.stringValue ?? ""
        case .signal(let id):
            return try await access.call(Method.why, ["id": .string(id)]).text
        }
    }
}
