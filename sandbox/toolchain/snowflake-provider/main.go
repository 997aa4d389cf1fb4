// Command pulumi-resource-snowflake is the provider behind @pulumi/snowflake: the published
// terraform-provider-snowflake, bridged to Pulumi. The sandbox builds it from Go modules, so that the SQL
// a real account would see is the SQL the sandbox sees.
package main

import (
	"io"
	"os"

	snowflake "github.com/Snowflake-Labs/terraform-provider-snowflake/pkg/provider"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge/tokens"
	shim "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfshim/sdk-v2"
)

// version is what the plugin answers the engine; the build sets it to the version of @pulumi/snowflake.
var version = "0.0.0-dev"

// endWithEngine ends the provider when the pipe that the engine gave it as standard input is closed: by itself it would
// look only every five minutes whether an engine that took no leave is still there.
func endWithEngine() {
	if stdin, err := os.Stdin.Stat(); err != nil || stdin.Mode()&os.ModeNamedPipe == 0 {
		return
	}
	_, _ = io.Copy(io.Discard, os.Stdin)
	os.Exit(1)
}

func main() {
	go endWithEngine()
	info := tfbridge.ProviderInfo{
		P:       shim.NewProvider(snowflake.Provider()),
		Name:    "snowflake",
		Version: version,
		Config: map[string]*tfbridge.SchemaInfo{
			// The bridge would name it previewFeaturesEnableds.
			"preview_features_enabled": {Name: "previewFeaturesEnabled"},
		},
	}
	info.MustComputeTokens(tokens.SingleModule("snowflake_", "index", tokens.MakeStandard("snowflake")))
	// As the published provider: a resource without a name gets its logical name and a random suffix.
	info.SetAutonaming(255, "-")
	tfbridge.Main("snowflake", version, info, []byte(`{"name":"snowflake"}`))
}
