using System.Text.Json;
using System.Text.Json.Serialization;
using Elysium.Client.Administration;
using Elysium.Client.Join;
using Elysium.Client.Status;

namespace Elysium.Client.State;

/// <summary>Source-generated JSON of the files that the client keeps and of what only the client prints.</summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    NumberHandling = JsonNumberHandling.Strict)]
[JsonSerializable(typeof(NetworkRecord))]
[JsonSerializable(typeof(Revocation))]
[JsonSerializable(typeof(AgentStatus))]
[JsonSerializable(typeof(CachedMap))]
[JsonSerializable(typeof(Profile))]
[JsonSerializable(typeof(JoinReport))]
[JsonSerializable(typeof(NetworkStatus[]))]
[JsonSerializable(typeof(KnownPeer[]))]
[JsonSerializable(typeof(PingReport))]
internal sealed partial class ClientJson : JsonSerializerContext;
