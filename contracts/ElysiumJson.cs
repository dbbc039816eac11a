using System.Text.Json;
using System.Text.Json.Serialization;

namespace Elysium.Contracts;

/// <summary>Source-generated JSON of every wire record: camelCase; every field is there, null or not, unless
/// its record says otherwise; a field that is missing or has another type is refused; one that is unknown is ignored.</summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    NumberHandling = JsonNumberHandling.Strict)]
[JsonSerializable(typeof(Problem))]
[JsonSerializable(typeof(EnrollRequest))]
[JsonSerializable(typeof(EnrollResponse))]
[JsonSerializable(typeof(TrustBundle))]
[JsonSerializable(typeof(RenewRequest))]
[JsonSerializable(typeof(RenewResponse))]
[JsonSerializable(typeof(NetworkMap))]
[JsonSerializable(typeof(MapChange))]
[JsonSerializable(typeof(FeedPing))]
[JsonSerializable(typeof(HeartbeatRequest))]
[JsonSerializable(typeof(HeartbeatResponse))]
[JsonSerializable(typeof(CreateNetworkRequest))]
[JsonSerializable(typeof(NetworkResponse))]
[JsonSerializable(typeof(Listing<NetworkResponse>))]
[JsonSerializable(typeof(PeerResponse))]
[JsonSerializable(typeof(Listing<PeerResponse>))]
[JsonSerializable(typeof(CreateEnrollmentTokenRequest))]
[JsonSerializable(typeof(EnrollmentTokenResponse))]
[JsonSerializable(typeof(EnrollmentTokenCreated))]
[JsonSerializable(typeof(Listing<EnrollmentTokenResponse>))]
[JsonSerializable(typeof(HealthResponse))]
public sealed partial class ElysiumJson : JsonSerializerContext;
