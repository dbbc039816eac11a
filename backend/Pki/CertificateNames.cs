using System.Formats.Asn1;
using System.Security.Cryptography.X509Certificates;

namespace Elysium.Backend.Pki;

/// <summary>Reads what .NET does not hand out: the URI among a certificate's subject alternative names (RFC 5280 §4.2.1.6).</summary>
internal static class CertificateNames
{
    public const string Oid = "2.5.29.17";

    public static readonly Asn1Tag UriTag = new(TagClass.ContextSpecific, 6);

    /// <summary>The only URI; null when there is none, several (SPIFFE X509-SVID §2 allows exactly one), or the extension is malformed.</summary>
    public static string? Uri(X509Certificate2 certificate)
    {
        if (certificate.Extensions[Oid] is not { } extension)
        {
            return null;
        }

        try
        {
            var names = new AsnReader(extension.RawData, AsnEncodingRules.DER).ReadSequence();
            string? found = null;
            while (names.HasData)
            {
                if (names.PeekTag() != UriTag)
                {
                    names.ReadEncodedValue();
                }
                else if (found is null)
                {
                    found = names.ReadCharacterString(UniversalTagNumber.IA5String, UriTag);
                }
                else
                {
                    return null;
                }
            }

            return found;
        }
        catch (AsnContentException)
        {
            return null;
        }
    }
}
