package checks

import "github.com/imgaudit/imgaudit/pkg/finding"

// The ids of the rules on configuration, history and what runs.
const (
	ruleUserRoot       = "image-user-root"
	ruleNoHealthcheck  = "image-no-healthcheck"
	ruleSSHPort        = "image-ssh-port"
	rulePrivilegedPort = "image-privileged-port"
	ruleAdminPort      = "image-admin-port"
	ruleSecretName     = "image-secret-env-name"
	ruleUpdateAlone    = "image-update-alone"
	ruleAdd            = "image-add"
	ruleSudo           = "image-sudo"
	ruleCurlPipe       = "image-curl-pipe-shell"
	ruleVerification   = "image-verification-off"
	rulePasswordSet    = "image-password-in-run"
	ruleEmptyPassword  = "image-empty-password"
	ruleOld            = "image-old"
	ruleLatestTag      = "image-latest-tag"
	ruleSSHD           = "image-sshd"
	ruleWaste          = "image-wasted-bytes"
)

func configRules() []finding.Rule {
	return []finding.Rule{
		{
			ID: ruleUserRoot, Severity: finding.Medium, Confidence: finding.Sure,
			Title: "Containers of the image run as root",
			Description: "Unless whoever starts the container says otherwise, its processes are root: what an intruder gains is root in the container, " +
				"and a flaw of the kernel or a careless mount makes it root of the host.",
			Remediation: "Make a user for the application and name it, best by its number, in the last USER of the final stage.",
			CWE:         []string{"CWE-250"}, Controls: []string{cisUser},
			References: []string{"https://docs.docker.com/reference/dockerfile/#user"},
		},
		{
			ID: ruleNoHealthcheck, Severity: finding.Low, Confidence: finding.Sure,
			Title: "No health check",
			Description: "The image does not say how to tell whether its application works. A container that hangs looks healthy " +
				"to a runtime that has no check of its own. Kubernetes has probes of its own and ignores this one; formats of images other than Docker's may drop it.",
			Remediation: "Give the image a HEALTHCHECK, or the deployment a probe.",
			CWE:         []string{"CWE-693"}, Controls: []string{cisHealth, cisHealthRun},
			References: []string{"https://docs.docker.com/reference/dockerfile/#healthcheck"},
		},
		{
			ID: ruleSSHPort, Severity: finding.Medium, Confidence: finding.Likely,
			Title: "The image exposes the SSH port",
			Description: "A container that people log in to changes in ways that no image tells of, and has keys and accounts that need care. " +
				"Judged by the port's number.",
			Remediation: "Take EXPOSE 22 and the server out, and use the runtime's exec to look into a container.",
			CWE:         []string{"CWE-1125"}, Controls: []string{cisSSHD, cisPorts},
			References: []string{"https://docs.docker.com/reference/dockerfile/#expose"},
		},
		{
			ID: rulePrivilegedPort, Severity: finding.Info, Confidence: finding.Sure,
			Title: "The image exposes a port below 1024",
			Description: "Such ports are often mapped to the same port of the host, where they are kept for services of the system, " +
				"and many applications think that they must be root to listen on them.",
			Remediation: "Let the application listen on a port above 1023 and map it where it is published.",
			CWE:         []string{"CWE-250"}, Controls: []string{cisPrivPorts},
			References: []string{"https://docs.docker.com/reference/dockerfile/#expose"},
		},
		{
			ID: ruleAdminPort, Severity: finding.Medium, Confidence: finding.Likely,
			Title:       "The image exposes a port of a debugger or of remote administration",
			Description: "Whoever reaches the port may control the application or the container. Judged by the port's number.",
			Remediation: "Take the port out of EXPOSE and the debugger out of the command, or keep them in a stage of their own for development.",
			CWE:         []string{"CWE-489"}, Controls: []string{cisPorts},
			References: []string{"https://docs.docker.com/reference/dockerfile/#expose"},
		},
		{
			ID: ruleSecretName, Severity: finding.Medium, Confidence: finding.Likely,
			Title: "Variable named like a secret has a value in the image",
			Description: "Values of ENV and of build arguments stand in the image's configuration and history, where everyone who can pull it " +
				"reads them; ENV is also handed to every process. Judged by the name; the secret rules judge the value.",
			Remediation: "Leave the variable out of the Dockerfile and hand it in at run time; use a secret mount for what a build needs. Change the value if it was real.",
			CWE:         []string{"CWE-526"}, Controls: []string{cisSecrets},
			References: []string{refSecrets, "https://docs.docker.com/reference/build-checks/secrets-used-in-arg-or-env/"},
		},
		{
			ID: ruleUpdateAlone, Severity: finding.Low, Confidence: finding.Sure,
			Title: "Package lists fetched in an instruction of their own",
			Description: "The builder keeps the layer with the lists. A later build that changes only the installation takes old lists, " +
				"and installs old packages without known fixes, or none.",
			Remediation: "Write update and install into one RUN: apt-get update && apt-get install -y …",
			CWE:         []string{"CWE-1104"}, Controls: []string{cisUpdate},
			References: []string{refDockerfile},
		},
		{
			ID: ruleAdd, Severity: finding.Low, Confidence: finding.Sure,
			Title: "ADD where COPY would do",
			Description: "ADD downloads and unpacks what it is given, so that a file can become more than it looks. What a base image " +
				"begins with is left out.",
			Remediation: "Use COPY for files; ADD with --checksum for downloads.",
			CWE:         []string{"CWE-494"}, Controls: []string{cisAdd},
			References: []string{refDockerfile},
		},
		{
			ID: ruleSudo, Severity: finding.Low, Confidence: finding.Sure,
			Title:       "sudo used in the build",
			Description: "A build step is root already or can be made so by USER. sudo in it means that the program and its rights are in the image, ready for an intruder.",
			Remediation: "Switch with USER, or use gosu or su-exec in an entrypoint, and leave sudo out of the image.",
			CWE:         []string{"CWE-250"}, Controls: []string{cisUnneeded},
			References: []string{refDockerfile},
		},
		{
			ID: ruleCurlPipe, Severity: finding.Medium, Confidence: finding.Sure,
			Title: "Download run without a look at it",
			Description: "What a server answers at the time of the build is run at once. Nothing says that it is what its author wrote, and nothing " +
				"tells later what it was.",
			Remediation: "Download to a file, compare its checksum or signature, then run it; or install a package.",
			CWE:         []string{"CWE-494"}, Controls: []string{cisVerified},
			References: []string{refDockerfile},
		},
		{
			ID: ruleVerification, Severity: finding.Medium, Confidence: finding.Sure,
			Title: "Verification of downloads switched off",
			Description: "Certificates, signatures or checksums are not looked at, so whoever stands between the build and the server decides what " +
				"is installed. In ENV it holds for every container too.",
			Remediation: "Take the option out; give the build the certificate of the proxy or mirror that made it look needed.",
			CWE:         []string{"CWE-295", "CWE-347"}, Controls: []string{cisVerified},
			References: []string{refDockerfile},
		},
		{
			ID: rulePasswordSet, Severity: finding.Medium, Confidence: finding.Likely,
			Title:       "Password of an account set in the build",
			Description: "The password or its hash is in the image's history or in its etc/shadow, the same in every container.",
			Remediation: "Leave accounts without a password that can be used, and log in by other means or not at all.",
			CWE:         []string{"CWE-798"}, Controls: []string{cisSecrets},
			References: []string{refSecrets},
		},
		{
			ID: ruleEmptyPassword, Severity: finding.High, Confidence: finding.Sure,
			Title:       "Account with an empty password",
			Description: "Anyone who can start su or reaches a login in the container becomes this user.",
			Remediation: "Lock the account (passwd -l), or take it out.",
			CWE:         []string{"CWE-258"}, Controls: []string{cisUser},
			References: []string{"https://man7.org/linux/man-pages/man5/shadow.5.html"},
		},
		{
			ID: ruleOld, Severity: finding.Low, Confidence: finding.Sure,
			Title:       "Image not built again for a long time",
			Description: "Fixes of the packages in an image come only with a new build. After half a year each distribution has published some.",
			Remediation: "Build the image again from a new base, regularly and without the builder's cache.",
			CWE:         []string{"CWE-1104"}, Controls: []string{cisRebuilt},
			References: []string{refDockerfile},
		},
		{
			ID: ruleLatestTag, Severity: finding.Info, Confidence: finding.Sure,
			Title:       "Image named by the tag latest",
			Description: "The tag stands for another image tomorrow. Nobody can tell which version runs where, or go back to one.",
			Remediation: "Name images by a version or, best, by their digest.",
			CWE:         []string{"CWE-1357"}, Controls: []string{cisLatest},
			References: []string{"https://docs.docker.com/build/building/best-practices/#pin-base-image-versions"},
		},
		{
			ID: ruleSSHD, Category: finding.Hygiene, Severity: finding.Medium, Confidence: finding.Sure,
			Title:       "Server for remote logins in the image",
			Description: "An SSH or Telnet server in a container is one more way in, with keys and accounts that nobody looks after.",
			Remediation: "Leave the server out, and use the runtime's exec to look into a container.",
			CWE:         []string{"CWE-1125"}, Controls: []string{cisSSHD},
			References: []string{refDockerfile},
		},
		{
			ID: ruleWaste, Category: finding.Hygiene, Severity: finding.Low, Confidence: finding.Sure,
			Title: "Bytes in layers that later layers delete or replace",
			Description: "They are stored and moved with the image and show in no container. What was deleted is still there for everyone who " +
				"pulls the image.",
			Remediation: "Delete files in the instruction that makes them, or copy only the result from a build stage.",
			CWE:         []string{"CWE-1125"},
			References:  []string{refDockerfile, "https://docs.docker.com/build/building/multi-stage/"},
		},
	}
}
