// Must not compile: only the audit store says that an intent is durable.
import Residency
import Vocabulary

func forge(_ intent: AuditIntent) -> DurableIntent {
    DurableIntent(intent, sequence: 1)
}
