package osv

import "testing"

func TestDistributionsAreToldWithTheirRelease(t *testing.T) {
	for ecosystem, want := range map[string]Distribution{
		"Debian:12":                                {ID: "debian", Version: "12"},
		"Debian:sid":                               {ID: "debian", Version: "unstable"},
		"Ubuntu:24.10":                             {ID: "ubuntu", Version: "24.10"},
		"Ubuntu:22.04:LTS":                         {ID: "ubuntu", Version: "22.04"},
		"Ubuntu:Pro:18.04:LTS":                     {ID: "ubuntu", Version: "18.04", Channel: "esm"},
		"Alpine:v3.20":                             {ID: "alpine", Version: "3.20"},
		"Alpine:edge":                              {ID: "alpine", Version: "edge"},
		"Red Hat:enterprise_linux:9::appstream":    {ID: "rhel", Version: "9"},
		"Red Hat:rhel_eus:9.2::baseos":             {ID: "rhel", Version: "9.2", Channel: "eus"},
		"Rocky Linux:8":                            {ID: "rocky", Version: "8"},
		"AlmaLinux:9":                              {ID: "almalinux", Version: "9"},
		"Azure Linux:3":                            {ID: "azurelinux", Version: "3"},
		"Photon OS:5.0":                            {ID: "photon", Version: "5.0"},
		"openSUSE:Leap 15.6":                       {ID: "opensuse-leap", Version: "15.6"},
		"SUSE:Linux Enterprise Server 15 SP6":      {ID: "sles", Version: "15.6"},
		"SUSE:Linux Enterprise Server 12 SP5-LTSS": {ID: "sles", Version: "12.5"},
		"SUSE:Linux Enterprise Module for Basesystem 15 SP6": {ID: "sles", Version: "15.6"},
	} {
		d, known, err := Distro(ecosystem)
		if err != nil || !known || d != want {
			t.Errorf("%s: %+v, %v, %v", ecosystem, d, known, err)
		}
	}
}

func TestReleasesThatNoImageHasAreErrors(t *testing.T) {
	for _, ecosystem := range []string{
		"Debian", "Debian:", "Alpine:", "Alpine:v", "Ubuntu:22.04; DROP TABLE", "Debian:12\n", "Red Hat:rhel_aus:8.4::appstream",
		"Red Hat:openshift:4.15::el9", "openSUSE:Tumbleweed", "SUSE:Manager Server 4.3", "SUSE:Linux Enterprise Server",
	} {
		if d, known, err := Distro(ecosystem); !known || err == nil {
			t.Errorf("%q: %+v, %v, %v", ecosystem, d, known, err)
		}
	}
	for _, ecosystem := range []string{"npm", "Maven:https://maven.google.com", "", "Julia"} {
		if _, known, err := Distro(ecosystem); known || err != nil {
			t.Errorf("%q is a distribution: %v", ecosystem, err)
		}
	}
}
