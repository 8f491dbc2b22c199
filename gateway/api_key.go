package gateway

// meterKey finds the API key and the usage plan that a method asks for, and takes the request from the plan's throttle and
// quota.
func (x *exchange) meterKey() *Error {
	if x.route.apiKeyRequired {
		return notBuilt("Checking of API keys")
	}
	return nil
}
