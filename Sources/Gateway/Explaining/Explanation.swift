/// What would become of a request, and why: the story that `gatehouse explain` tells. A plain value, so that it can be
/// compared, printed and handed on; `Explainer` makes it, `ExplanationText` tells it to a person.
struct Explanation: Codable, Equatable {
    /// Who asks, as far as it is known and vouched for.
    struct Caller: Codable, Equatable {
        /// The key's id; `nil` without keys.
        var key: String?
        var name: String?
        var project: String?
        var feature: String?
        /// Headers that nobody vouches for, so that they do not count: without keys.
        var ignored: [String]?
    }

    /// What was read of the body; there is none where it was refused before.
    struct Request: Codable, Equatable {
        /// The model's name, as the caller has it.
        var model: String
        var isStreamed: Bool
        /// A guess; `nil` where nothing is asked of a context.
        var promptTokens: Int?
        /// What a model must be able to do for it.
        var needs: String
        var sensitivity: String
        /// Where that comes from: `default`, `key`, `project`, `feature`, `caller`.
        var sensitivitySources: [String]
        var declinesExternal: Bool
    }

    /// How the name led to models.
    struct Resolution: Codable, Equatable {
        /// `model`, `tier`, `discovered` or `external`.
        var found: String
        /// The alias that led on, as the manifest has it.
        var alias: String?
        /// The tier, if it is one.
        var tier: String?
        /// Why it is that tier, if `auto` chose it.
        var auto: Auto?
        /// Models that the name or its ladder could mean, and why each does not come into question.
        var passedOver: [PassedOver]
        /// Why none of those that were asked for can answer, if so.
        var trouble: Trouble?
    }

    /// The rule by which `auto` chose a tier.
    struct Auto: Codable, Equatable {
        /// The keys of its conditions, as in `x-gatehouse-tier`; `default` where no rule decided.
        var rule: String
        /// For a person.
        var why: String
        /// Rules before it that hold, and whose tier has nobody for the request.
        var passedOver: [PassedRule]
    }

    struct PassedRule: Codable, Equatable {
        var tier: String
        var rule: String
    }

    struct PassedOver: Codable, Equatable {
        var model: String
        var why: String
    }

    struct Trouble: Codable, Equatable {
        var trigger: String
        var message: String
    }

    /// A local model and the backends that would be asked for it.
    struct Place: Codable, Equatable {
        var model: String
        var backends: [String]
    }

    /// One step of the way.
    struct Rung: Codable, Equatable {
        enum Kind: String, Codable {
            case local, external, reply
        }

        var kind: Kind
        /// Of a local rung, in order of preference.
        var places: [Place]?
        /// Of a rung outside.
        var outside: Outside?
        /// Of a reply.
        var text: String?
    }

    /// A place outside, and what the policy says of it.
    struct Outside: Codable, Equatable {
        /// Its name in the manifest.
        var name: String
        var backend: String
        /// Its name there.
        var model: String
        var jurisdiction: String
        /// The length of the body that would leave, or of the caller's own where none can be made.
        var bytes: Int
        /// What would be left out of the body, or cut.
        var dropped: [String]
        /// Why the request cannot be put to this place, whatever the policy says.
        var obstacle: Obstacle?
        var verdicts: [Verdict]
    }

    struct Obstacle: Codable, Equatable {
        var reason: String
        var message: String
    }

    /// What the policy says for one trigger or for several alike.
    struct Verdict: Codable, Equatable {
        var triggers: [String]
        /// `allow` or `deny`
        var decision: String
        var reason: String
        /// The rule that decided, or that came nearest.
        var rule: String?
        /// Nothing may ever make an exception.
        var isHard: Bool
        /// Every rule about the backend, by id.
        var weighed: [WeighedRule]
        /// What the shadow rules would have made of it, if that is something else.
        var shadow: Shadow?
    }

    struct WeighedRule: Codable, Equatable {
        var rule: String
        /// `allow` or `deny`
        var effect: String
        /// The first of its conditions that does not hold; `nil` if it matches.
        var unmet: String?
        /// For a person.
        var sentence: String
    }

    struct Shadow: Codable, Equatable {
        var rule: String
        /// `allow` or `deny`
        var decision: String
        var reason: String
        /// For a person.
        var sentence: String
    }

    /// What has left today by a rule that has limits of a day.
    struct Use: Codable, Equatable {
        var rule: String
        var requests: Int
        var requestsPerDay: Int?
        var bytes: Int
        var bytesPerDay: Int?
    }

    /// What the client would get.
    struct Outcome: Codable, Equatable {
        var status: Int
        var reason: String
        /// `local`, `external:BACKEND`, `fallback` or `none`
        var route: String
        /// The words of an error.
        var message: String?
        /// Seconds.
        var retryAfter: Int?

        /// True unless the client is refused.
        var isAnswered: Bool { self.status < 400 }
    }

    /// What would come of it in one case.
    struct Case: Codable, Equatable {
        /// `local_works`, `local_down`, `local_saturated` or `local_timeout`; or the trigger, where no local backend is
        /// asked at all.
        var when: String
        var outcome: Outcome
    }

    /// As in `POST /v1/chat/completions`.
    var call: String
    /// The length of the body.
    var bytes: Int
    /// When it is taken to come, RFC 3339.
    var time: String
    /// Its revision and file; `nil` if there is no policy.
    var policy: Policy?
    var caller: Caller
    var request: Request?
    var resolution: Resolution?
    /// The way, in order.
    var rungs: [Rung] = []
    /// What has left today by the rules in question that have limits of a day.
    var today: [Use] = []
    /// What is taken for granted, a sentence each, since nobody was asked.
    var assumed: [String] = []
    /// What would come of it, case by case; the first is what the command's exit code tells.
    var cases: [Case] = []

    struct Policy: Codable, Equatable {
        var revision: String
        var sha256: String
    }

    /// What the command's exit code tells.
    var isAnswered: Bool { self.cases.first?.outcome.isAnswered ?? false }
}
