package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/imgaudit/imgaudit/pkg/audit"
	"github.com/imgaudit/imgaudit/pkg/layers"
	"github.com/imgaudit/imgaudit/pkg/sbom"
)

func (p *program) sbomAttachCommand() *cobra.Command {
	s := &settings{incomplete: incompleteFail, noReferrers: true}
	var file, format string
	cmd := &cobra.Command{
		Use:   "attach REF",
		Short: "Store an SBOM beside its image in the registry",
		Long: `Attach stores a bill of materials beside an image in the image's own registry: as an
OCI 1.1 artifact whose subject is the image, and where the registry keeps no list of
what refers to an image, with an entry in the index under the tag that stands in for
it (sha256-…). The SBOM is made of the image, or taken from --file as it is. The same
SBOM is stored once. Of an image for several platforms, --platform chooses the one.

This is the only verb of imgaudit that writes to a registry. The credentials need the
right to push; they are found as for pull-and-scan.

An SBOM that is made here bears the date of the image, or that of SOURCE_DATE_EPOCH, so
that attaching it again changes nothing. One that is not complete is not attached
unless --incomplete=warn is given. Standard output has the artifact's reference.
`,
		Example: `  imgaudit sbom attach registry.example.com/team/app:1.2
  imgaudit sbom attach registry.example.com/team/app:1.2 --format cyclonedx-json
  imgaudit sbom attach registry.example.com/team/app:1.2 --file app.spdx.json`,
		Args: oneArgument("image reference", "registry.example.com/team/app:1.2"),
		RunE: func(cmd *cobra.Command, args []string) error {
			target, err := registryReference(args[0])
			if err != nil {
				return err
			}
			if err := p.settle(cmd, s, target); err != nil {
				return err
			}
			if s.allPlatforms {
				return usagef("choose one with --platform", "an SBOM is about one image")
			}
			if _, err := mediaTypeOf(format); err != nil {
				return err
			}
			s.scanners, s.outputs = []string{audit.SBOM}, []string{format}
			ref := strings.TrimPrefix(target, "registry:")
			if file != "" {
				if cmd.Flags().Changed("format") {
					return usagef("imgaudit sbom convert makes one format of another", "--format is for an SBOM that is made of the image, and --file attaches one as it is")
				}
				return p.attachFile(cmd.Context(), s, ref, file)
			}
			return p.attachImage(cmd.Context(), s, ref, format)
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVar(&file, "file", "", "attach the SBOM in `FILE` (SPDX, CycloneDX or Syft) instead of making one")
	f.StringVar(&format, "format", sbom.SPDXJSON, "`FORMAT` of an SBOM that is made: "+strings.Join(sbom.Formats(), ", "))
	f.Var(&s.incomplete, "incomplete", "what gaps in the SBOM mean, `fail|warn`: exit with 3, or attach it all the same")
	s.sourceFlags(f)
	s.commonFlags(f)
	completeFlags(cmd)
	_ = cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(sbom.Formats(), cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

// attachImage makes the SBOM of an image and attaches it to the very image that it was
// made of, also if the tag leads elsewhere by now.
func (p *program) attachImage(ctx context.Context, s *settings, ref, format string) error {
	result, err := p.audit(ctx, s, "registry:"+ref)
	if err != nil {
		return err
	}
	if err := s.verdict(result); err != nil {
		return err
	}
	at, err := sourceDate()
	if err != nil {
		return err
	}
	if at.IsZero() {
		at = dateOf(result.Images[0])
	}
	var doc bytes.Buffer
	if err := writeBillAt(&doc, format, result, at); err != nil {
		return err
	}
	repository, _, _ := strings.Cut(ref, "@")
	return p.attach(ctx, s, repository+"@"+result.Images[0].ManifestDigest, format, doc.Bytes())
}

// attachFile attaches an SBOM that is there already.
func (p *program) attachFile(ctx context.Context, s *settings, ref, file string) error {
	raw, err := p.readBill(file)
	if err != nil {
		return err
	}
	given, err := sbom.Read(raw)
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return p.attach(ctx, s, ref, given.Format, raw)
}

func (p *program) attach(ctx context.Context, s *settings, ref, format string, doc []byte) error {
	mediaType, err := mediaTypeOf(format)
	if err != nil {
		return err
	}
	ctx, cancel := withTimeout(ctx, s.timeout)
	defer cancel()
	at, err := layers.Attach(ctx, ref, layers.Artifact{Type: mediaType, Content: doc}, s.auditOptions(nil).Open)
	if errors.Is(err, context.DeadlineExceeded) {
		err = fmt.Errorf("%w: the time limit of %v was reached (--timeout)", err, s.timeout)
	}
	if err != nil {
		return s.reword(err)
	}
	switch {
	case s.quiet:
	case at.Already:
		fmt.Fprintf(p.stderr, "imgaudit: the same SBOM lies beside %s already\n", at.Subject)
	case at.Tag != "":
		fmt.Fprintf(p.stderr, "imgaudit: attached to %s; the registry keeps no list of referrers, so the tag %s does\n", at.Subject, at.Tag)
	default:
		fmt.Fprintf(p.stderr, "imgaudit: attached to %s\n", at.Subject)
	}
	_, err = fmt.Fprintf(p.stdout, "%s@%s\n", at.Repository, at.Digest)
	return err
}

// mediaTypeOf gives the media type of a format, as it is registered or, for tag-value
// and Syft, as other tools attach it.
func mediaTypeOf(format string) (string, error) {
	switch format {
	case sbom.SPDXJSON:
		return "application/spdx+json", nil
	case sbom.SPDXTagValue:
		return "text/spdx", nil
	case sbom.CycloneDXJSON:
		return "application/vnd.cyclonedx+json", nil
	case sbom.CycloneDXXML:
		return "application/vnd.cyclonedx+xml", nil
	case sbom.SyftJSON:
		return "application/vnd.syft+json", nil
	}
	return "", usagef("there are "+strings.Join(sbom.Formats(), ", "), "unknown format %q of an SBOM", format)
}

// dateOf is when an image was built, as far as it says.
func dateOf(image *layers.Image) time.Time {
	if c := image.Config; c != nil && c.Created.Year() >= 1970 && c.Created.Year() < 10000 {
		return c.Created.UTC()
	}
	return time.Unix(0, 0).UTC()
}
