import Vocabulary

/// Answers that Gatehouse gives itself, in the shapes of the dialects.
public enum OwnAnswers {
    /// One model of an OpenAI list.
    public struct ListedModel: Equatable, Sendable {
        /// The name to ask for.
        public let id: String
        /// Seconds since 1970.
        public let created: Int64
        /// As in `library`.
        public let owner: String

        /// A model with all its parts.
        public init(id: String, created: Int64, owner: String = "library") {
            self.id = id
            self.created = created
            self.owner = owner
        }
    }

    /// `GET /v1/models`. Without models `data` is an empty array, not Ollama's `null`, which breaks SDKs.
    public static func openAIModels(_ models: [ListedModel]) -> [UInt8] {
        var json = JSONWriter(capacity: 64 + models.count * 96)
        json.object { list in
            list.key("object")
            list.string("list")
            list.key("data")
            list.array { data in
                for model in models { data.openAIModel(model) }
            }
        }
        return json.bytes
    }

    /// `GET /v1/models/{id}`.
    public static func openAIModel(_ model: ListedModel) -> [UInt8] {
        var json = JSONWriter()
        json.openAIModel(model)
        return json.bytes
    }

    /// `GET /api/tags` or `GET /api/ps` over several servers: the servers' own objects, one after the other.
    public static func ollamaModels(_ models: [[UInt8]]) -> [UInt8] {
        var json = JSONWriter(capacity: 16 + models.reduce(0) { $0 + $1.count + 1 })
        json.object { list in
            list.key("models")
            list.array { array in
                for model in models { array.raw(model) }
            }
        }
        return json.bytes
    }

    /// One entry of `/api/tags` for a name that no server lists: an alias or a tier.
    public static func ollamaModel(name: String, modifiedAt: WallTime, digest: String = "", size: Int = 0) -> [UInt8] {
        var json = JSONWriter()
        json.object { model in
            for key: StaticString in ["name", "model"] {
                model.key(key)
                model.string(name)
            }
            model.key("modified_at")
            model.string(modifiedAt.rfc3339)
            model.key("size")
            model.integer(size)
            model.key("digest")
            model.string(digest)
            model.key("details")
            model.noDetails()
        }
        return json.bytes
    }

    /// One entry of `/api/ps` for a model of a server that has it in memory as long as it runs: `expires_at` is Ollama's
    /// way to say never (`ollama.md` 3).
    public static func ollamaRunningModel(name: String, context: Int?) -> [UInt8] {
        var json = JSONWriter()
        json.object { model in
            for key: StaticString in ["name", "model"] {
                model.key(key)
                model.string(name)
            }
            model.key("size")
            model.integer(0)
            model.key("digest")
            model.string("")
            model.key("details")
            model.noDetails()
            model.key("expires_at")
            model.string("2319-01-01T00:00:00Z")
            model.key("size_vram")
            model.integer(0)
            if let context {
                model.key("context_length")
                model.integer(context)
            }
        }
        return json.bytes
    }

    /// `POST /api/show` for a model of a server that cannot show it: what is known here. Ollama's own SDKs need no more.
    public static func ollamaShow(capabilities: [String], context: Int?, modifiedAt: WallTime) -> [UInt8] {
        var json = JSONWriter()
        json.object { model in
            for key: StaticString in ["modelfile", "parameters", "template"] {
                model.key(key)
                model.string("")
            }
            model.key("details")
            model.noDetails()
            model.key("model_info")
            model.object { info in
                guard let context else { return }
                info.key("general.architecture")
                info.string("unknown")
                info.key("unknown.context_length")
                info.integer(context)
            }
            model.key("capabilities")
            model.array { array in
                for capability in capabilities { array.string(capability) }
            }
            model.key("modified_at")
            model.string(modifiedAt.rfc3339)
        }
        return json.bytes
    }

    /// `GET /api/version`.
    public static func ollamaVersion(_ version: String) -> [UInt8] {
        var json = JSONWriter()
        json.object { object in
            object.key("version")
            object.string(version)
        }
        return json.bytes
    }

    /// `GET /`: what clients look for.
    public static var ollamaRoot: [UInt8] { Array("Ollama is running".utf8) }

    /// The answer to a native request that only loads or unloads (`ollama.md` 3): streamed or not it is one record.
    public static func residence(
        _ residence: RequestBody.Residence, endpoint: Endpoint, model: String, now: WallTime
    ) -> [UInt8] {
        var json = JSONWriter()
        json.object { record in
            record.key("model")
            record.string(model)
            record.key("created_at")
            record.string(now.rfc3339)
            if endpoint == .ollamaGenerate {
                record.key("response")
                record.string("")
            } else {
                record.key("message")
                record.object { message in
                    message.key("role")
                    message.string("assistant")
                    message.key("content")
                    message.string("")
                }
            }
            record.key("done")
            record.bool(true)
            record.key("done_reason")
            record.string(residence == .load ? "load" : "unload")
        }
        return json.bytes
    }

    /// `POST /v1/messages/count_tokens`, which Ollama does not have: an estimate.
    public static func tokenCount(_ tokens: Int) -> [UInt8] {
        var json = JSONWriter()
        json.object { object in
            object.key("input_tokens")
            object.integer(tokens)
        }
        return json.bytes
    }
}

extension JSONWriter {
    /// The details of a model of which nothing is known.
    fileprivate mutating func noDetails() {
        self.object { details in
            for key: StaticString in ["parent_model", "format", "family"] {
                details.key(key)
                details.string("")
            }
            details.key("families")
            details.null()
            for key: StaticString in ["parameter_size", "quantization_level"] {
                details.key(key)
                details.string("")
            }
        }
    }

    fileprivate mutating func openAIModel(_ model: OwnAnswers.ListedModel) {
        self.object { object in
            object.key("id")
            object.string(model.id)
            object.key("object")
            object.string("model")
            object.key("created")
            object.integer(Int(model.created))
            object.key("owned_by")
            object.string(model.owner)
        }
    }
}
