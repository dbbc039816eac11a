using System.Formats.Asn1;
using System.Security.Cryptography.X509Certificates;

namespace Elysium.Client.Backend;

/// <summary>The URIs among a certificate's subject alternative names (RFC 5280 §4.2.1.6); .NET reads only DNS names and addresses.</summary>
internal static class CertificateUris
{
    private const string SubjectAlternativeName = "2.5.29.17";
    private static readonly Asn1Tag UriTag = new(TagClass.ContextSpecific, 6);

    /// <summary>None of a certificate whose names are malformed: whoever sent it named nobody.</summary>
    public static IReadOnlyList<string> Of(X509Certificate2 certificate)
    {
        var uris = new List<string>();
        foreach (var extension in certificate.Extensions.Where(static e => e.Oid?.Value == SubjectAlternativeName))
        {
            try
            {
                var names = new AsnReader(extension.RawData, AsnEncodingRules.DER).ReadSequence();
                while (names.HasData)
                {
                    if (names.PeekTag().HasSameClassAndValue(UriTag))
                    {
                        uris.Add(names.ReadCharacterString(UniversalTagNumber.IA5String, UriTag));
                    }
                    else
                    {
                        names.ReadEncodedValue();
                    }
                }
            }
            catch (AsnContentException)
            {
                return [];
            }
        }

        return uris;
    }
}
