import Dialects

/// In this target an endpoint is one of the data plane's; `Residency` calls the address of a backend so too.
typealias Endpoint = Dialects.Endpoint
