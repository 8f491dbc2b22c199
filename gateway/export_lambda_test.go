package gateway

// ParseFunctionResponse reads what a function returned.
func ParseFunctionResponse(returned []byte) (status int, body []byte, headers map[string][]string, err error) {
	var r functionResponse
	if err := r.parse(returned); err != nil {
		return 0, nil, nil, err
	}
	headers = map[string][]string{}
	for _, pairs := range [][]pair{r.multi, r.single} {
		for _, p := range pairs {
			headers[p.name] = append(headers[p.name], p.value)
		}
	}
	return r.status, r.body, headers, nil
}
