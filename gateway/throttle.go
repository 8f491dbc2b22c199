package gateway

// throttle takes the request from the token buckets of its method and stage.
func (x *exchange) throttle() *Error { return nil }
