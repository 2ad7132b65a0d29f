/// Writes a response as one object: whole, and in the events that begin and end its stream.
struct ResponsesBody: Sendable {
    let context: AnswerContext
    let echo: ResponsesEcho
    /// The model that the provider names.
    var model: String?

    /// `usage` is there once all is over.
    func write(
        _ items: [ResponsesItem], stop: StopReason?, usage: AnswerUsage?, to json: inout JSONWriter
    ) {
        json.object { response in
            response.member("id", "resp_" + self.context.id)
            response.member("object", "response")
            response.member("created_at", Int(self.context.createdAt.seconds))
            response.member("status", Self.status(stop).rawValue)
            response.key("error")
            response.null()
            response.key("incomplete_details")
            if let reason = Self.incompleteReason(stop) {
                response.object { $0.member("reason", reason) }
            } else {
                response.null()
            }
            response.raw(self.echo.members)
            response.member("model", self.model ?? self.context.model)
            response.key("output")
            response.array { list in
                for item in items { list.responsesItem(item) }
            }
            response.key("usage")
            if let usage { response.responsesUsage(usage) } else { response.null() }
        }
    }

    static func status(_ stop: StopReason?) -> ResponsesItem.Status {
        stop == nil ? .inProgress : Self.incompleteReason(stop) == nil ? .completed : .incomplete
    }

    static func incompleteReason(_ stop: StopReason?) -> String? {
        switch stop {
        case .length: "max_output_tokens"
        case .contentFilter: "content_filter"
        case .stop, .toolCalls, nil: nil
        }
    }
}
