// Package console serves the web console: a React program below src that npm builds into dist/app, embedded here and
// answered below /console/. It keeps no state and has no API of its own: the page calls the same AWS operations, on the
// same origin, as any SDK. Without a build (go build needs no Node) every page says so.
//
// To the browser the page comes with a Content-Security-Policy that lets it load from and talk to its own origin alone.
package console

import (
	"embed"
	"io/fs"
)

//go:embed dist
var dist embed.FS

// built is the built console; a folder that does not exist where it was not built before the binary.
func built() fs.FS {
	app, err := fs.Sub(dist, "dist/app")
	if err != nil {
		panic(err) // "dist/app" is a valid name
	}
	return app
}
