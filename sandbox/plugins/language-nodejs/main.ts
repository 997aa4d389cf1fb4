/**
 * The Node language host: the engine starts it to run a Pulumi program or a policy pack written for Node.
 * It leaves the running to the entry points that @pulumi/pulumi itself ships (cmd/run, cmd/run-policy-pack,
 * cmd/run-plugin), as the official host does; it only starts them and reports how they ended.
 *
 * Usage: pulumi-language-nodejs [flags] <engine address>; prints the port it serves on.
 */
import * as grpc from "@grpc/grpc-js";
import services from "@pulumi/pulumi/proto/language_grpc_pb.js";
import messages, {
  type GetProgramDependenciesRequest,
  type GetProgramDependenciesResponse,
  type GetRequiredPackagesRequest,
  type GetRequiredPackagesResponse,
  type ProgramInfo,
  type RunPluginRequest,
  type RunPluginResponse,
  type RunRequest,
  type RunResponse,
} from "@pulumi/pulumi/proto/language_pb.js";
import plugin from "@pulumi/pulumi/proto/plugin_pb.js";
import empty from "google-protobuf/google/protobuf/empty_pb.js";
import { watchParent } from "../../parent.ts";
import { ended, type RuntimeOptions, signalChildren, start } from "./children.ts";
import { dependenciesOf, requiredPackages } from "./packages.ts";

/** Exit code by which cmd/run says: it failed, and the user has been told already. */
const EXIT_AFTER_LOGGING = 32;

const engineAddress = process.argv.at(-1) ?? "";

const optionsOf = (info: ProgramInfo | undefined): RuntimeOptions =>
  (info?.getOptions()?.toJavaScript() ?? {}) as RuntimeOptions;

/** A unary call whose reply is computed by `answer`; what it throws becomes the call's error. */
function unary<Request, Response>(
  answer: (request: Request) => Response | Promise<Response>,
): grpc.handleUnaryCall<Request, Response> {
  return async (call, done) => {
    try {
      done(null, await answer(call.request));
    } catch (error) {
      done({ code: grpc.status.UNKNOWN, details: error instanceof Error ? error.message : String(error) });
    }
  };
}

async function run(request: RunRequest): Promise<RunResponse> {
  const flags = {
    monitor: request.getMonitorAddress(),
    engine: engineAddress,
    organization: request.getOrganization(),
    project: request.getProject(),
    "root-directory": request.getInfo()?.getRootDirectory() ?? "",
    stack: request.getStack(),
    pwd: request.getPwd(),
    parallel: request.getParallel() ? String(request.getParallel()) : "",
  };
  const args = [
    ...Object.entries(flags).flatMap(([flag, value]) => (value === "" ? [] : [`--${flag}`, value])),
    ...(request.getDryrun() ? ["--dry-run"] : []),
    request.getInfo()?.getEntryPoint() || ".",
    ...request.getArgsList(),
  ];
  const child = start(
    "run",
    request.getPwd(),
    args,
    optionsOf(request.getInfo()),
    {
      PULUMI_CONFIG: JSON.stringify(Object.fromEntries(request.getConfigMap().toArray())),
      PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(request.getConfigsecretkeysList()),
    },
    "inherit",
  );
  const code = await ended(child);
  const response = new messages.RunResponse();
  if (code === EXIT_AFTER_LOGGING) response.setBail(true);
  else if (code !== 0) response.setError(`the program exited with code ${code}`);
  return response;
}

/** Runs a plugin written for Node and streams what it prints; the engine ends it by ending the call. */
async function runPlugin(
  call: grpc.ServerWritableStream<RunPluginRequest, RunPluginResponse>,
): Promise<void> {
  const { request } = call;
  const directory = request.getInfo()?.getProgramDirectory() || request.getPwd();
  const env = Object.fromEntries(
    request.getEnvList().map((pair) => [pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1)]),
  );
  try {
    const child = start(
      request.getKind() === "analyzer" ? "run-policy-pack" : "run-plugin",
      directory,
      [...request.getArgsList(), directory],
      optionsOf(request.getInfo()),
      env,
      "pipe",
    );
    child.stdout?.on("data", (data: Buffer) => call.write(new messages.RunPluginResponse().setStdout(data)));
    child.stderr?.on("data", (data: Buffer) => call.write(new messages.RunPluginResponse().setStderr(data)));
    call.on("cancelled", () => child.kill("SIGTERM"));
    call.write(new messages.RunPluginResponse().setExitcode(await ended(child)));
    call.end();
  } catch (error) {
    call.destroy(error instanceof Error ? error : new Error(String(error)));
  }
}

const server = new grpc.Server();
server.addService(services.LanguageRuntimeService as unknown as grpc.ServiceDefinition, {
  handshake: unary(() => new messages.LanguageHandshakeResponse()),
  getPluginInfo: unary(() => new plugin.PluginInfo().setVersion("1.0.0")),
  getRequiredPackages: unary<GetRequiredPackagesRequest, GetRequiredPackagesResponse>((request) => {
    const response = new messages.GetRequiredPackagesResponse();
    for (const { name, version } of requiredPackages(request.getInfo()?.getRootDirectory() ?? "")) {
      response.addPackages(
        new plugin.PackageDependency().setKind("resource").setName(name).setVersion(version),
      );
    }
    return response;
  }),
  getProgramDependencies: unary<GetProgramDependenciesRequest, GetProgramDependenciesResponse>((request) => {
    const response = new messages.GetProgramDependenciesResponse();
    for (const [name, version] of dependenciesOf(request.getInfo()?.getRootDirectory() ?? "")) {
      response.addDependencies(new messages.DependencyInfo().setName(name).setVersion(version));
    }
    return response;
  }),
  about: unary(() =>
    new messages.AboutResponse().setExecutable(process.execPath).setVersion(process.version),
  ),
  runtimeOptionsPrompts: unary(() => new messages.RuntimeOptionsResponse()),
  cancel: unary(() => {
    signalChildren("SIGTERM");
    return new empty.Empty();
  }),
  run: unary(run),
  runPlugin,
});

server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  console.log(port);
});

function end(signal: NodeJS.Signals) {
  signalChildren(signal);
  process.exit(0);
}
process.on("SIGINT", end).on("SIGTERM", end);
watchParent(() => end("SIGTERM"));
