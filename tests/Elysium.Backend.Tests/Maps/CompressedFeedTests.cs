using System.IO.Compression;
using System.Text.Json;
using Elysium.Backend.Maps;
using Elysium.Contracts;
using Microsoft.Extensions.DependencyInjection;

namespace Elysium.Backend.Tests.Maps;

public sealed class CompressedFeedTests
{
    [Fact]
    public async Task A_compressed_stream_tells_the_same_as_a_plain_one_from_the_same_frames()
    {
        await using var backend = await TestBackend.StartAsync();
        var network = await backend.CreateNetworkAsync();
        var alice = await backend.JoinAsync("alice");
        await using var plain = await TestFeed.OpenAsync(backend, alice);
        await using var compressed = await TestFeed.OpenAsync(backend, alice, gzip: true);
        (await compressed.NextAsync()).ShouldBe(await plain.NextAsync());
        foreach (var name in new[] { "bob", "carol" })
        {
            await backend.JoinAsync(name);
            (await compressed.NextAsync()).ShouldBe(await plain.NextAsync());
        }

        await backend.Admin.DeleteAsync("/v1/networks/home/peers/bob");
        (await compressed.NextAsync()).ShouldBe(await plain.NextAsync());

        // Each a member of its own, which nobody compresses again.
        var ring = backend.Services.GetRequiredService<NetworkFeeds>().FeedOf(network.Id)!.State.Ring;
        ring.Length.ShouldBe(3);
        ring.ShouldAllBe(f => f.Bytes(true).Equals(f.Bytes(true)) && Unpacked(f.Bytes(true)).SequenceEqual(f.Bytes(false).ToArray()));
    }

    [Fact]
    public async Task A_whole_map_is_the_same_compressed_and_plain_and_asked_for_or_told()
    {
        await using var backend = await TestBackend.StartAsync();
        await backend.CreateNetworkAsync();
        var alice = await backend.JoinAsync("alice");
        await backend.JoinAsync("bob");
        await using var feed = await TestFeed.OpenAsync(backend, alice, gzip: true);
        var told = (await feed.NextAsync()).Data.TrimEnd();
        using var client = backend.Client(alice.Certificate);

        var plain = await client.GetAsync("/v1/self/map");
        (await plain.Content.ReadAsStringAsync()).TrimEnd().ShouldBe(told);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/self/map") { Version = System.Net.HttpVersion.Version20 };
        request.Headers.AcceptEncoding.ParseAdd("br, gzip;q=0.5");
        var compressed = await client.SendAsync(request);
        compressed.Content.Headers.ContentEncoding.ShouldBe(["gzip"]);
        compressed.Headers.Vary.ShouldBe(["Accept-Encoding"]);
        System.Text.Encoding.UTF8.GetString(Unpacked(await compressed.Content.ReadAsByteArrayAsync())).TrimEnd().ShouldBe(told);

        JsonSerializer.Deserialize(told, ElysiumJson.Default.NetworkMap)!.Peers.Select(p => p.Name).ShouldBe(["alice", "bob"]);
    }

    [Theory]
    [InlineData("identity")]
    [InlineData("gzip;q=0")]
    [InlineData("br")]
    public async Task Who_cannot_unpack_gets_it_plain(string accepts)
    {
        await using var backend = await TestBackend.StartAsync();
        await backend.CreateNetworkAsync();
        var alice = await backend.JoinAsync("alice");
        using var client = backend.Client(alice.Certificate);
        client.DefaultRequestHeaders.TryAddWithoutValidation("Accept-Encoding", accepts);

        var answer = await client.GetAsync("/v1/self/map");

        answer.Content.Headers.ContentEncoding.ShouldBeEmpty();
        JsonSerializer.Deserialize(await answer.Content.ReadAsStringAsync(), ElysiumJson.Default.NetworkMap)!.Self.Name.ShouldBe("alice");
    }

    private static byte[] Unpacked(ReadOnlyMemory<byte> bytes)
    {
        using var plain = new MemoryStream();
        using var gzip = new GZipStream(new MemoryStream(bytes.ToArray()), CompressionMode.Decompress);
        gzip.CopyTo(plain);
        return plain.ToArray();
    }
}
