using System.Net;
using CsCheck;
using Elysium.WireGuard;

namespace Elysium.Tests.WireGuard;

public sealed class PrefixTableTests
{
    // Few first bits, so that prefixes lie in each other; the same bits in both families, so that they could meet.
    private static readonly Gen<IPAddress> Addresses = Gen.Select(Gen.Bool, Gen.Byte.Array[4], Gen.Int[0, 3], (isIPv6, bytes, kind) =>
    {
        byte[] first = [.. bytes.Select(b => kind == 0 ? b : (byte)(b % 2 == 0 ? 0 : kind == 1 ? 0x80 : 1))];
        return new IPAddress(isIPv6 ? [.. first, .. new byte[8], .. first] : first);
    });

    private static readonly Gen<IpPrefix> Prefixes = Gen.Select(Addresses, Gen.Int[0, 128])
        .Select((address, length) => IpPrefix.Containing(address, address.GetAddressBytes().Length == 4 ? length % 33 : length));

    private static readonly Gen<(bool Remove, IpPrefix Prefix, int Value)[]> Changes =
        Gen.Select(Gen.Int[0, 3].Select(kind => kind == 0), Prefixes, Gen.Int[1, 5]).Array[0, 60];

    [Fact]
    public void It_does_what_a_list_does_that_looks_at_every_prefix() => Gen.Select(Changes, Addresses.Array[1, 20]).Sample(
        (changes, addresses) =>
        {
            var table = new PrefixTable<int>();
            var list = new Dictionary<IpPrefix, int>();
            foreach (var (remove, prefix, value) in changes)
            {
                // Of those that are there, so that removals hit.
                var target = remove && list.Count > 0 ? list.Keys.ElementAt(value % list.Count) : prefix;
                var isNew = !list.ContainsKey(target);
                if (remove)
                {
                    table.Remove(target).ShouldBe(list.Remove(target));
                    table.TryGetValue(target, out _).ShouldBeFalse();
                }
                else
                {
                    list[target] = value;
                    table.Insert(target, value).ShouldBe(isNew);
                    table.TryGetValue(target, out var found).ShouldBeTrue();
                    found.ShouldBe(value);
                }

                table.Count.ShouldBe(list.Count);
            }

            table.ShouldBe(list.OrderBy(entry => entry.Key));
            foreach (var address in addresses)
            {
                var expected = list.Where(entry => entry.Key.Contains(address)).Select(entry => (KeyValuePair<IpPrefix, int>?)entry).MaxBy(entry => entry!.Value.Key.Length);
                table.TryMatch(address, out var prefix, out var value).ShouldBe(expected is not null);
                (prefix, value).ShouldBe(expected is { } match ? (match.Key, match.Value) : default);
            }
        },
        iter: 3000);

    [Fact]
    public void A_prefix_matches_the_longest_that_holds_all_of_it()
    {
        var table = new PrefixTable<string>();
        foreach (var text in new[] { "0.0.0.0/0", "10.0.0.0/8", "10.1.0.0/16", "::/0" })
        {
            table.Insert(IpPrefix.Parse(text), text).ShouldBeTrue();
        }

        Match("10.1.2.0/24").ShouldBe("10.1.0.0/16");
        Match("10.1.0.0/16").ShouldBe("10.1.0.0/16");
        Match("10.0.0.0/15").ShouldBe("10.0.0.0/8");
        Match("11.0.0.0/8").ShouldBe("0.0.0.0/0");
        Match("fd00::/8").ShouldBe("::/0");
        table.Remove(IpPrefix.Parse("0.0.0.0/0")).ShouldBeTrue();
        Match("11.0.0.0/8").ShouldBeNull();

        string? Match(string held) => table.TryMatch(IpPrefix.Parse(held), out _, out var value) ? value : null;
    }

    [Fact]
    public void A_value_that_is_inserted_again_moves()
    {
        var table = new PrefixTable<string>();
        table.Insert(IpPrefix.Parse("10.0.0.1/32"), "one").ShouldBeTrue();
        table.Insert(IpPrefix.Parse("10.0.0.1/32"), "other").ShouldBeFalse();
        table.ShouldHaveSingleItem().Value.ShouldBe("other");
    }

    [Fact]
    public void A_table_that_was_emptied_is_as_new() => Prefixes.Array[0, 30].Sample(prefixes =>
    {
        var table = new PrefixTable<int>();
        foreach (var prefix in prefixes)
        {
            table.Insert(prefix, 1);
        }

        foreach (var prefix in prefixes)
        {
            table.Remove(prefix);
        }

        table.Count.ShouldBe(0);
        table.ShouldBeEmpty();
        table.TryMatch(IPAddress.Any, out _, out _).ShouldBeFalse();
        table.Remove(IpPrefix.Parse("10.0.0.0/8")).ShouldBeFalse();
    });
}
