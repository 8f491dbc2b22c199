package gateway

// authorize decides whether the client may call the method. Open methods are all that is built; a method that asks for
// more is closed, never open.
func (x *exchange) authorize() *Error { return x.route.refusal }
