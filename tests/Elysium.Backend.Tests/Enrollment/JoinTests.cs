using System.Net.Http.Json;
using Elysium.Contracts;
using Microsoft.EntityFrameworkCore;

namespace Elysium.Backend.Tests.Enrollment;

public sealed class JoinTests
{
    [Fact]
    public async Task A_machine_with_a_code_gets_an_address_a_certificate_and_a_first_map_without_the_others()
    {
        await using var backend = await TestBackend.StartAsync();
        var network = await backend.CreateNetworkAsync();

        var alice = await backend.JoinAsync("alice");
        var bob = await backend.JoinAsync("bob");

        alice.Address.ShouldBe("10.77.0.2");
        bob.Address.ShouldBe("10.77.0.3");
        var map = bob.Enrolled.Map;
        map.Network.ShouldBe(new MapNetwork(network.Id, "home", "10.77.0.0/24", 1420));
        map.Hubs.ShouldHaveSingleItem().WireGuardPublicKey.ShouldBe(network.HubPublicKey);
        map.Hubs[0].Endpoint.ShouldBe("127.0.0.1:51820");
        map.Hubs[0].AllowedIps.ShouldBe(["10.77.0.0/24"]);
        map.Peers.ShouldBeEmpty();
        map.Version.ShouldBe(0);

        using var client = backend.Client(bob.Certificate);
        var again = await client.GetFromJsonAsync("/v1/self/map", ElysiumJson.Default.NetworkMap);
        again!.Self.ShouldBe(map.Self);
        again.Network.ShouldBe(map.Network);
        again.Backends.ShouldBe(map.Backends);
        again.Hubs.ShouldHaveSingleItem().Endpoints.ShouldBe(map.Hubs[0].Endpoints);
        again.Version.ShouldBe(3);
    }

    [Fact]
    public async Task The_certificate_names_the_peer_and_is_for_the_key_that_was_proved()
    {
        await using var backend = await TestBackend.StartAsync();
        await backend.CreateNetworkAsync();

        var peer = await backend.JoinAsync("alice");

        Pki.Certificates.UriOf(peer.Certificate).ShouldBe(SpiffeId.Peer("test.elysium", peer.Enrolled.Map.Network.Id, peer.Id));
        peer.Certificate.PublicKey.ExportSubjectPublicKeyInfo().ShouldBe(peer.Machine.Key.ExportSubjectPublicKeyInfo());
        var left = peer.Certificate.NotAfter.ToUniversalTime() - backend.Clock.GetUtcNow();
        left.ShouldBeInRange(TimeSpan.FromDays(7) - TimeSpan.FromMinutes(1), TimeSpan.FromDays(7));
    }

    [Fact]
    public async Task A_join_leaves_one_audit_event_that_names_token_peer_and_address()
    {
        await using var backend = await TestBackend.StartAsync();
        await backend.CreateNetworkAsync();
        var code = await backend.CreateCodeAsync();

        var peer = await backend.JoinAsync("alice", code);

        var events = await backend.QueryAsync(d => d.AuditEvents.Where(e => e.Action == "peer.joined").ToListAsync());
        var joined = events.ShouldHaveSingleItem();
        joined.Actor.ShouldBe($"enrollment-token:{code.TokenPrefix}");
        joined.PeerId.ShouldBe(peer.Id);
        joined.Detail.ShouldBe("alice 10.77.0.2");
    }

    [Theory]
    [InlineData("Alice")]
    [InlineData("")]
    [InlineData("a_b")]
    [InlineData("-a")]
    [InlineData("a.b")]
    [InlineData("ä")]
    [InlineData("0123456789012345678901234567890123456789012345678901234567890123")]
    public async Task A_name_that_is_no_DNS_label_is_refused_and_uses_nothing(string name)
    {
        await using var backend = await TestBackend.StartAsync();
        await backend.CreateNetworkAsync();
        var code = await backend.CreateCodeAsync();

        var answer = await new TestMachine(name).EnrollAsync(backend, code);

        (await answer.ShouldBeProblemAsync(400, ProblemCodes.InvalidName)).Detail!.ShouldContain($"'{name[..Math.Min(63, name.Length)]}");
        (await backend.QueryAsync(d => d.EnrollmentTokens.SingleAsync())).Used.ShouldBe(0);
    }

    [Fact]
    public async Task A_name_that_is_taken_is_refused_and_uses_neither_token_nor_address()
    {
        await using var backend = await TestBackend.StartAsync();
        await backend.CreateNetworkAsync();
        var code = await backend.CreateCodeAsync(uses: 3);
        await backend.JoinAsync("alice", code);

        var answer = await new TestMachine("alice").EnrollAsync(backend, code);

        await answer.ShouldBeProblemAsync(409, ProblemCodes.NameTaken);
        (await backend.QueryAsync(d => d.EnrollmentTokens.SingleAsync())).Used.ShouldBe(1);
        (await backend.JoinAsync("bob", code)).Address.ShouldBe("10.77.0.3");
        (await backend.QueryAsync(d => d.Networks.SingleAsync())).Version.ShouldBe(3);
    }

    [Theory]
    [InlineData("")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")]
    [InlineData("not base64 at all, but just as long as one!!")]
    [InlineData("YWJj")]
    public async Task A_WireGuard_key_that_is_none_is_refused(string key)
    {
        await using var backend = await TestBackend.StartAsync();
        await backend.CreateNetworkAsync();
        var machine = new TestMachine("alice");

        var answer = await machine.EnrollAsync(backend, await backend.CreateCodeAsync(), machine.Request() with { WireGuardPublicKey = key });

        await answer.ShouldBeProblemAsync(400, ProblemCodes.InvalidWireGuardKey);
    }

    [Fact]
    public async Task A_certificate_request_with_another_signature_key_kind_or_garbage_is_refused()
    {
        await using var backend = await TestBackend.StartAsync();
        await backend.CreateNetworkAsync();
        var code = await backend.CreateCodeAsync();
        var machine = new TestMachine("alice");

        foreach (var request in Pki.Certificates.BadRequests(machine))
        {
            var answer = await machine.EnrollAsync(backend, code, machine.Request() with { CertificateRequest = request });
            await answer.ShouldBeProblemAsync(400, ProblemCodes.InvalidCertificateRequest);
        }

        (await backend.QueryAsync(d => d.Peers.CountAsync())).ShouldBe(0);
    }

    [Fact]
    public async Task Fifty_machines_at_once_get_fifty_addresses_without_gap()
    {
        await using var backend = await TestBackend.StartAsync();
        await backend.CreateNetworkAsync();
        var code = await backend.CreateCodeAsync(uses: 50);

        var peers = await Task.WhenAll(Enumerable.Range(0, 50).Select(n => backend.JoinAsync($"machine-{n}", code)));

        peers.Select(p => int.Parse(p.Address.Split('.')[3])).Order().ShouldBe(Enumerable.Range(2, 50));
        var versions = await backend.QueryAsync(d => d.MapChanges.Select(c => c.Version).OrderBy(v => v).ToListAsync());
        versions.ShouldBe(Enumerable.Range(2, 50).Select(n => (long)n));
    }
}
