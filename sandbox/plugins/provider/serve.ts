import * as grpc from "@grpc/grpc-js";
import services from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import type * as proto from "@pulumi/pulumi/proto/provider_pb.js";
import messages from "@pulumi/pulumi/proto/provider_pb.js";
import status from "@pulumi/pulumi/proto/status_pb.js";
import any from "google-protobuf/google/protobuf/any_pb.js";
import { watchParent } from "../../parent.ts";
import { Methods, type Plugin, reasonOf, toStruct } from "./methods.ts";
import { PartlyCreated } from "./schema.ts";
import { compact } from "./values.ts";

/** Serves a plugin to the engine, on a free port that it prints. */
export function serve(offered: Plugin): void {
  const methods = new Methods(offered);
  const server = new grpc.Server();
  server.addService(services.ResourceProviderService as unknown as grpc.ServiceDefinition, {
    getPluginInfo: unary(() => methods.getPluginInfo()),
    getSchema: unary(() => methods.getSchema()),
    attach: unary(() => methods.attach()),
    cancel: unary(() => methods.cancel()),
    checkConfig: unary((request: proto.CheckRequest) => methods.checkConfig(request)),
    diffConfig: unary(() => methods.diffConfig()),
    configure: unary((request: proto.ConfigureRequest) => methods.configure(request)),
    check: unary((request: proto.CheckRequest) => methods.check(request)),
    diff: unary((request: proto.DiffRequest) => methods.diff(request)),
    create: unary((request: proto.CreateRequest) => methods.create(request)),
    read: unary((request: proto.ReadRequest) => methods.read(request)),
    update: unary((request: proto.UpdateRequest) => methods.update(request)),
    delete: unary((request: proto.DeleteRequest) => methods.delete(request)),
    invoke: unary((request: proto.InvokeRequest) => methods.invoke(request)),
  });

  server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
    if (error) throw error;
    console.log(port);
  });
  watchParent(() => process.exit(0));
}

function unary<Request, Response>(
  answer: (request: Request) => Response | Promise<Response>,
): grpc.handleUnaryCall<Request, Response> {
  return async (call, done) => {
    try {
      done(null, await answer(call.request));
    } catch (error) {
      if (error instanceof PartlyCreated) done(initFailed(error));
      else done({ code: grpc.status.UNKNOWN, details: reasonOf(error) });
    }
  };
}

/** The error by which the engine learns of a resource that exists but is not complete. */
function initFailed(error: PartlyCreated): Partial<grpc.StatusObject> {
  const reason = reasonOf(error.cause);
  const detail = new messages.ErrorResourceInitFailed();
  detail.setId(error.id);
  detail.setProperties(toStruct(compact(error.state)));
  detail.setReasonsList([reason]);
  const details = new any.Any();
  details.pack(detail.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
  const message = new status.Status().setCode(grpc.status.UNKNOWN).setMessage(reason);
  message.addDetails(details);
  const metadata = new grpc.Metadata();
  metadata.add("grpc-status-details-bin", Buffer.from(message.serializeBinary()));
  return { code: grpc.status.UNKNOWN, details: reason, metadata };
}
