// Must not compile: only the policy makes a verdict.
import Residency
import Vocabulary

func forge(_ request: RequestID) -> Verdict {
    Verdict(
        request: request, backend: "cloud", model: "m", trigger: .localDown, sensitivity: .public, isAllowed: true,
        reason: .allowRule, rule: nil, weighed: [], shadow: nil, source: nil, madeAt: .zero)
}
