package gateway

// validate checks the request's parameters and body by what the method declares, if it has a validator.
func (x *exchange) validate() *Error { return nil }
