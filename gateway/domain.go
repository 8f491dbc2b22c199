package gateway

import (
	"crypto/tls"
	"crypto/x509"
	"maps"
	"slices"
	"strings"
)

// Domain is a custom domain name. Requests that come by it go to stages by the beginning of their path.
type Domain struct {
	Name     string // in lower case; may begin with "*."
	Mappings []BasePathMapping
	// Certificate is the domain's own; nil: one that the server has for the name.
	Certificate *tls.Certificate
	// ClientCAs are the authorities that a client's certificate must come from; nil: clients need none.
	ClientCAs *x509.CertPool

	known *clientCerts // set by SetDomain
}

// BasePathMapping leads from a base path to a stage.
type BasePathMapping struct {
	BasePath string // without slashes at its ends; empty: every path that no other mapping takes
	APIID    string
	Stage    string // empty: the next segment of the path names it
}

// domainMap holds the domains by name. It is never changed once it is in place.
type domainMap map[string]Domain

// SetDomain serves a domain from the next request on, in place of the one of the same name. Its mappings are copied.
func (g *Gateway) SetDomain(d Domain) {
	d.Mappings, d.known = slices.Clone(d.Mappings), &clientCerts{}
	slices.SortFunc(d.Mappings, func(a, b BasePathMapping) int { return len(b.BasePath) - len(a.BasePath) })
	g.changeDomains(func(next domainMap) { next[d.Name] = d })
}

// RemoveDomain stops serving a domain. An unknown one is no error.
func (g *Gateway) RemoveDomain(name string) {
	g.changeDomains(func(next domainMap) { delete(next, name) })
}

func (g *Gateway) changeDomains(edit func(domainMap)) {
	g.mu.Lock()
	defer g.mu.Unlock()
	next := domainMap{}
	if now := g.domains.Load(); now != nil {
		maps.Copy(next, *now)
	}
	edit(next)
	g.domains.Store(&next)
}

// domain finds the custom domain that a host name is of: its own, or a wildcard's.
func (g *Gateway) domain(host string) (Domain, bool) {
	domains := g.domains.Load()
	if domains == nil || len(*domains) == 0 {
		return Domain{}, false
	}
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if d, ok := (*domains)[host]; ok {
		return d, true
	}
	_, parent, ok := strings.Cut(host, ".")
	d, found := (*domains)["*."+parent]
	return d, ok && found
}

// match finds the mapping of a path, the longest base path first, and splits off what is below the stage.
func (d Domain) match(path string) (m BasePathMapping, stage, rest string, ok bool) {
	for _, m := range d.Mappings {
		rest, ok := cutBase(path, m.BasePath)
		if !ok {
			continue
		}
		stage = m.Stage
		if stage == "" {
			stage, rest = cutSegment(rest)
		}
		return m, stage, rest, true
	}
	return BasePathMapping{}, "", "", false
}

// cutBase splits whole segments off the beginning of a path.
func cutBase(path, base string) (rest string, ok bool) {
	if base == "" {
		return path, true
	}
	rest, ok = strings.CutPrefix(strings.TrimPrefix(path, "/"), base)
	return rest, ok && (rest == "" || rest[0] == '/')
}

// locateByDomain finds the stage of a request that came by a custom domain. $context.path is the whole path, with the base
// path and without the stage.
func (x *exchange) locateByDomain(d Domain, path string) *Error {
	x.entry.Path = path
	m, stage, rest, ok := d.match(path)
	if !ok {
		return errForbidden
	}
	table := x.g.find(m.APIID, stage)
	if table == nil {
		return errForbidden
	}
	x.entry.BasePathMatched = m.BasePath
	x.serveBy(table, rest)
	return x.checkClientCert(d)
}
