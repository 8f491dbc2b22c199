package openapi

import (
	"slices"
	"strings"
)

// scheme is what a security scheme asks of a method.
type scheme struct {
	apiKey     bool
	iam        bool
	authorizer *Authorizer
}

func (r *reader) readSchemes() {
	r.schemes = map[string]scheme{}
	list := r.root.get("securityDefinitions")
	if r.v3 {
		list = r.root.get("components").get("securitySchemes")
	}
	for _, p := range list.pairs() {
		s := r.readScheme(p.key, r.resolve(p.value))
		r.schemes[p.key] = s
		if s.authorizer != nil {
			r.doc.Authorizers = append(r.doc.Authorizers, *s.authorizer)
		}
	}
	slices.SortFunc(r.doc.Authorizers, func(a, b Authorizer) int { return strings.Compare(a.Name, b.Name) })
}

func (r *reader) readScheme(name string, v value) scheme {
	authType := v.get("x-amazon-apigateway-authtype").text()
	ext := v.get("x-amazon-apigateway-authorizer")
	switch {
	case strings.EqualFold(authType, "awsSigv4"):
		return scheme{iam: true}
	case ext.present():
		return scheme{authorizer: r.readAuthorizer(name, authType, v, ext)}
	case v.get("type").text() == "apiKey" && strings.EqualFold(v.get("name").text(), "x-api-key"):
		return scheme{apiKey: true}
	}
	v.warn("Security scheme %s has no authorizer and is not enforced", name)
	return scheme{}
}

var authorizerTypes = map[string]string{"token": "TOKEN", "request": "REQUEST", "cognito_user_pools": "COGNITO_USER_POOLS"}

func (r *reader) readAuthorizer(name, authType string, v, ext value) *Authorizer {
	a := &Authorizer{
		Name: name, AuthType: authType,
		Type:               authorizerTypes[strings.ToLower(ext.get("type").text())],
		URI:                ext.get("authorizerUri").text(),
		Credentials:        ext.get("authorizerCredentials").text(),
		IdentitySource:     ext.get("identitySource").text(),
		IdentityValidation: ext.get("identityValidationExpression").text(),
		ProviderARNs:       ext.get("providerARNs").texts(),
		ResultTTLSeconds:   ext.get("authorizerResultTtlInSeconds").number(),
	}
	if a.Type == "" {
		ext.get("type").fail("Invalid authorizer type: %q", ext.get("type").text())
	}
	if a.IdentitySource == "" && strings.EqualFold(v.get("in").text(), "header") && v.get("name").text() != "Unused" {
		a.IdentitySource = "method.request.header." + v.get("name").text()
	}
	if a.AuthType == "" {
		a.AuthType = "custom"
		if a.Type == "COGNITO_USER_POOLS" {
			a.AuthType = "cognito_user_pools"
		}
	}
	return a
}

// readSecurity takes what the operation asks for, else what the document asks for all. Of several alternatives AWS can
// only have one; the first that names an authorizer counts.
func (r *reader) readSecurity(op *Operation, v value) {
	op.AuthorizationType = "NONE"
	requirements := v.get("security")
	if !requirements.present() {
		requirements = r.root.get("security")
	}
	for _, alternative := range requirements.items() {
		for _, p := range alternative.pairs() {
			s, ok := r.schemes[p.key]
			if !ok {
				p.value.fail("Security scheme %s is not defined", p.key)
				continue
			}
			r.require(op, s, p.value)
		}
	}
	if strings.EqualFold(v.get("x-amazon-apigateway-auth").get("type").text(), "AWS_IAM") {
		op.AuthorizationType, op.Authorizer = "AWS_IAM", ""
	}
}

func (r *reader) require(op *Operation, s scheme, v value) {
	switch {
	case s.apiKey:
		op.APIKeyRequired = true
	case s.iam || s.authorizer != nil:
		if op.AuthorizationType != "NONE" {
			v.warn("A method has one authorizer; the others are left out")
			return
		}
		if s.iam {
			op.AuthorizationType = "AWS_IAM"
			return
		}
		op.AuthorizationType, op.Authorizer = "CUSTOM", s.authorizer.Name
		if s.authorizer.Type == "COGNITO_USER_POOLS" {
			op.AuthorizationType = "COGNITO_USER_POOLS"
		}
		op.AuthorizationScopes = v.texts()
	}
}
