package gateway

// link has an integration with a VPC link connect to the link's address. The request stays as the integration's URI says.
func (i *integration) link(in Integration, s Stage) {
	if in.VPCLink == "" || i.uri == nil || i.service != nil {
		return
	}
	id, err := interpolate(in.VPCLink, s.Variables)
	if err != nil {
		i.problem = err
		return
	}
	address, ok := s.VPCLinks[id]
	switch {
	case !ok:
		i.uri, i.problem = nil, configuration("Invalid VPC link specified: %s", id)
	case address != "":
		i.uri.upstream.addr = address
	}
}
