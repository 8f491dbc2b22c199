package main

import "slices"

// constants are awsapi's names of the protocols.
var constants = map[string]string{
	"json": "awsapi.JSON11", "json 1.0": "awsapi.JSON10", "rest-json": "awsapi.RESTJSON", "query": "awsapi.Query",
	"smithy-rpc-v2-cbor": "awsapi.RPCv2CBOR",
}

// document is a format of nested values, as generated code reads and writes it.
type document struct {
	reader, read   string // the type in package protocol, and what its functions' names begin with
	writer, write  string // the same for writing
	response, body string // what makes a Response, or its body, of a document
	str, time      string // layouts of the calls that write a string and a time
	blob           string // and bytes
}

var jsonDocument = document{
	reader: "JSON", read: "read", writer: "jx.Encoder", write: "write",
	response: "protocol.JSONResponse", body: "protocol.JSONBody",
	str: "protocol.String(e, %s)", time: "protocol.EpochTime(e, %s)", blob: "e.Base64(%s)",
}

// documents are the formats of the protocols that have one.
var documents = map[string]document{
	"json": jsonDocument, "json 1.0": jsonDocument, "rest-json": jsonDocument,
	"smithy-rpc-v2-cbor": {
		reader: "CBOR", read: "readCBOR", writer: "protocol.CBOREncoder", write: "writeCBOR",
		response: "protocol.CBORResponse",
		str:      "e.Str(%s)", time: "e.Time(%s)", blob: "e.Blob(%s)",
	},
}

// documents are the formats that the service's protocols need.
func (g *generator) documents() []document {
	var ds []document
	for _, name := range g.speaks {
		if d, ok := documents[name]; ok {
			ds = append(ds, d)
		}
	}
	return ds
}

func (g *generator) has(protocol string) bool { return slices.Contains(g.speaks, protocol) }

// sole reports whether the service speaks this protocol and no other.
func (g *generator) sole(protocol string) bool { return !g.several() && g.speaks[0] == protocol }

// several reports whether a request decides which protocol it is in.
func (g *generator) several() bool { return len(g.speaks) > 1 }

func (g *generator) constants() []string {
	names := make([]string, len(g.speaks))
	for i, name := range g.speaks {
		names[i] = constants[name]
	}
	return names
}

// perProtocol calls write for each protocol of the service, each within a case of its own where there are several.
func (g *generator) perProtocol(write func(protocol string)) {
	if !g.several() {
		write(g.speaks[0])
		return
	}
	g.p("switch r.Protocol {")
	for _, name := range g.speaks {
		g.p("case %s:", constants[name])
		write(name)
	}
	g.p("}")
}
