using Elysium.Linux;
using Elysium.WireGuard;

namespace Elysium.Tests.Documents;

public sealed class LibraryApiTests
{
    private const string Page = "docs/reference/library-api.md";
    private const string Update = "ELYSIUM_UPDATE_REFERENCE";

    [Fact]
    public void What_is_public_is_what_the_reference_says()
    {
        var text = $"""
            # Public API of the libraries

            Generated: `./scripts/update-reference.sh` writes it anew, and a test compares it. A line that changes or goes is a break for whoever uses the
            packages; say so in the changelog. Members that every record has are left out.

            ## Elysium.WireGuard

            ```
            {Describe(typeof(PublicKey))}```

            ## Elysium.Linux

            ```
            {Describe(typeof(RouteNetlink))}```

            """;
        if (Environment.GetEnvironmentVariable(Update) is "1")
        {
            File.WriteAllText(Path.Join(Repository.Root, Page), text);
        }

        var said = Repository.Read(Page).Split('\n').ToHashSet();
        var actual = text.Split('\n').ToHashSet();
        var difference = said.Except(actual).Select(line => $"- {line}").Concat(actual.Except(said).Select(line => $"+ {line}"));
        (Repository.Read(Page) == text).ShouldBeTrue(
            $"{Page} is not what is public. If that is meant, run ./scripts/update-reference.sh.\n{string.Join('\n', difference)}");
    }

    [Fact]
    public void A_description_tells_names_nullability_defaults_and_kinds()
    {
        var text = PublicApi.Describe(typeof(PublicKey).Assembly);
        text.ShouldContain("readonly struct PublicKey : IComparable<PublicKey>, IEquatable<PublicKey>\n");
        text.ShouldContain("    static bool TryParse(ReadOnlySpan<char> base64, out PrivateKey? key)\n");
        text.ShouldContain("    PeerSpec(PublicKey PublicKey, IReadOnlyList<IpPrefix> AllowedIps, IPEndPoint? Endpoint = null, ushort PersistentKeepalive = 0, PresharedKey? PresharedKey = null)\n");
        text.ShouldContain("sealed record QuickConfig : IEquatable<QuickConfig>\n");
        text.ShouldContain("    int? Mtu { get; init; }\n");
        text.ShouldNotContain("Clone");
    }

    private static string Describe(Type type) => PublicApi.Describe(type.Assembly);
}
