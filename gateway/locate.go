package gateway

import (
	"bytes"
	"strings"
)

// locate finds the stage that the request is for, by host name or path, and splits off the rest of the path.
func (x *exchange) locate() *Error {
	path := x.splitTarget()
	x.entry.DomainName = hostWithoutPort(str(x.host))
	x.entry.Method = x.method
	if d, ok := x.g.domain(x.entry.DomainName); ok {
		return x.locateByDomain(d, path)
	}
	api, stage, rest, ok := x.address(path)
	if !ok {
		x.entry.Path = path
		return errForbidden
	}
	x.setLogPath(stage, rest)
	table := x.g.find(api, stage)
	if table == nil {
		return errForbidden
	}
	x.serveBy(table, rest)
	if table.disabled {
		return errForbidden
	}
	return nil
}

// serveBy takes the stage's table for the rest of the request's life.
func (x *exchange) serveBy(table *StageTable, rest string) {
	table = table.choose(x)
	x.table = table
	x.entry.Stage = &table.values
	x.path = resourcePath(rest)
}

// splitTarget separates path and query. A target in absolute form also says the host.
func (x *exchange) splitTarget() (path string) {
	target := x.target
	if len(target) > 0 && target[0] != '/' {
		if _, rest, ok := bytes.Cut(target, []byte("://")); ok {
			slash := bytes.IndexAny(rest, "/?")
			if slash < 0 {
				slash = len(rest)
			}
			x.host, target = rest[:slash], rest[slash:]
		}
	}
	before, query, _ := bytes.Cut(target, []byte{'?'})
	x.query = query
	return str(before)
}

// address takes apart where the request goes. rest begins with "/" or is empty.
func (x *exchange) address(path string) (api, stage, rest string, ok bool) {
	api, byHost := apiOfHost(str(x.host))
	if named := str(x.known.apiID); named != "" && (api == vpcEndpoint || !byHost && x.form == gatewayForm) {
		if stage, rest = cutSegment(path); x.g.isPrivate(named, stage) {
			return named, stage, rest, true
		}
	}
	if byHost {
		stage, rest = cutSegment(path)
		return api, stage, rest, true
	}
	if x.form == gatewayForm {
		api, rest = cutSegment(path)
		stage, rest = cutSegment(rest)
		return api, stage, rest, api != ""
	}
	if after, found := strings.CutPrefix(path, executePath); found {
		api, rest = cutSegment("/" + after)
		stage, rest = cutSegment(rest)
		return api, stage, rest, api != ""
	}
	return cutRestAPIs(path)
}

// vpcEndpoint begins the host names of VPC endpoints, which lead to many APIs: vpce-….execute-api.….
const vpcEndpoint = "vpce"

// isPrivate reports whether the stage is of a private API, which clients may name in the header x-apigw-api-id.
func (g *Gateway) isPrivate(api, stage string) bool {
	t := g.find(api, stage)
	return t != nil && t.values.EndpointType == endpointPrivate
}

// cutRestAPIs takes apart /restapis/{apiId}/{stage}/_user_request_/….
func cutRestAPIs(path string) (api, stage, rest string, ok bool) {
	after, ok := strings.CutPrefix(path, restAPIsPath)
	if !ok {
		return "", "", "", false
	}
	api, rest = cutSegment("/" + after)
	stage, rest = cutSegment(rest)
	marker, rest := cutSegment(rest)
	return api, stage, rest, marker == userRequest
}

// cutSegment splits "/a/b" into "a" and "/b".
func cutSegment(path string) (segment, rest string) {
	path = strings.TrimPrefix(path, "/")
	if i := strings.IndexByte(path, '/'); i >= 0 {
		return path[:i], path[i:]
	}
	return path, ""
}

// apiOfHost returns the API ID of a host {apiId}.execute-api.…, or of {apiId}-{vpce}.execute-api.….
func apiOfHost(host string) (string, bool) {
	label, rest, _ := strings.Cut(host, ".")
	const middle = "execute-api."
	if len(rest) < len(middle) || !strings.EqualFold(rest[:len(middle)], middle) || label == "" {
		return "", false
	}
	api, _, _ := strings.Cut(label, "-")
	return api, api != ""
}

func hostWithoutPort(host string) string {
	if i := strings.LastIndexByte(host, ':'); i >= 0 && strings.IndexByte(host[i:], ']') < 0 {
		return host[:i]
	}
	return host
}

// find looks up a table. API IDs are the same in any case of letters.
func (g *Gateway) find(api, stage string) *StageTable {
	stages := *g.stages.Load()
	if t, ok := stages[api]; ok {
		return t[stage]
	}
	var buf [64]byte
	if len(api) > len(buf) {
		return nil
	}
	lower := buf[:len(api)]
	for i := range len(api) {
		c := api[i]
		if c >= 'A' && c <= 'Z' {
			c |= 0x20
		}
		lower[i] = c
	}
	return stages[string(lower)][stage]
}

// setLogPath makes $context.path, which has the stage in front in every form of address.
func (x *exchange) setLogPath(stage, rest string) {
	x.logPath = append(x.logPath[:0], '/')
	x.logPath = append(x.logPath, stage...)
	x.logPath = append(x.logPath, rest...)
	x.entry.Path = str(x.logPath)
}

// resourcePath is the path that resources are matched with: slashes at its beginning count as one.
func resourcePath(rest string) string {
	if rest == "" {
		return "/"
	}
	for len(rest) > 1 && rest[1] == '/' {
		rest = rest[1:]
	}
	return rest
}
