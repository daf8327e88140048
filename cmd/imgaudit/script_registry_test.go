package main

import (
	"io"
	"log"
	"net/http/httptest"
	"slices"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	ocilayout "github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/imgaudit/imgaudit/internal/imagemake"
)

// startRegistry is the command "registry VARIABLE SPEC [referrers]": it starts a registry
// that has an image as team/app:1, and puts the image's reference into the variable.
func startRegistry(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 || specs()[args[1]] == nil {
		ts.Fatalf("usage: registry VARIABLE SPEC [referrers]")
	}
	server := httptest.NewServer(registry.New(
		registry.Logger(log.New(io.Discard, "", 0)), registry.WithReferrersSupport(slices.Contains(args, "referrers")),
	))
	ts.Defer(server.Close)
	tag, err := name.NewTag(strings.TrimPrefix(server.URL, "http://") + "/team/app:1")
	ts.Check(err)
	built := specs()[args[1]]
	dir := ts.MkAbs("." + args[0])
	ts.Check(imagemake.WriteFiles(dir, imagemake.Layout(imagemake.Tagged{Ref: "1", Built: built})))
	index, err := ocilayout.ImageIndexFromPath(dir)
	ts.Check(err)
	image, err := index.Image(built.Desc.Digest)
	ts.Check(err)
	ts.Check(remote.Write(tag, image))
	ts.Setenv(args[0], tag.String())
}
