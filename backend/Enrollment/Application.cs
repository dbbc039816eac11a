using Elysium.Backend.Hosting;
using Elysium.Backend.Pki;
using Elysium.Contracts;
using WireGuardKey = Elysium.WireGuard.PublicKey;

namespace Elysium.Backend.Enrollment;

/// <summary>A request to join that is sound and proved its key.</summary>
internal sealed record Application(string Name, WireGuardKey WireGuardKey, CertificateSigningRequest Request)
{
    public static Outcome<Application> Read(EnrollRequest request)
    {
        if (!DnsLabel.IsValid(request.Name))
        {
            var shown = request.Name.Length <= DnsLabel.MaxLength ? request.Name : request.Name[..DnsLabel.MaxLength] + "…";
            return new Refusal(ProblemCodes.InvalidName, $"'{shown}' cannot be a machine's name: {DnsLabel.Rule}.");
        }

        if (!WireGuardKey.TryParse(request.WireGuardPublicKey, out var key))
        {
            return new Refusal(ProblemCodes.InvalidWireGuardKey, "wireGuardPublicKey is not the base64 of a 32-byte public key.");
        }

        var csr = CertificateSigningRequest.Read(request.CertificateRequest);
        return csr.Refusal is { } refusal ? refusal : new Application(request.Name, key, csr.Value);
    }
}
