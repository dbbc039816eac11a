using Elysium.Client.State;

namespace Elysium.Tests.Client.State;

public sealed class StateDirectoryTests : IDisposable
{
    private const UnixFileMode Others = ~(AtomicFile.OwnerOnlyDirectory);

    private readonly JoinedMachine _machine = new();

    [Fact]
    public void Nothing_of_the_state_is_for_others_to_see()
    {
        var network = _machine.Join();
        network.TryServe().ShouldNotBeNull().Dispose();
        _machine.State.TryLockForJoining().ShouldNotBeNull().Dispose();
        network.WriteStatus(new AgentStatus(true, null, null, null, null, null, 1, default));
        var all = new DirectoryInfo(_machine.State.Path).EnumerateFileSystemInfos("*", SearchOption.AllDirectories).Where(f => f.LinkTarget is null).ToList();
        all.Count.ShouldBeGreaterThan(8);
        all.ShouldAllBe(f => (f.UnixFileMode & Others) == 0);
        all.OfType<FileInfo>().ShouldAllBe(f => f.UnixFileMode == AtomicFile.OwnerOnly);
        File.GetUnixFileMode(_machine.State.Path).ShouldBe(AtomicFile.OwnerOnlyDirectory);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("null and void")]
    [InlineData("{}")]
    public void A_network_whose_record_is_damaged_hides_no_other_and_is_named(string record)
    {
        var sound = _machine.Join();
        var damaged = Path.Combine(_machine.State.Path, "0197a000-0000-7000-8000-00000000dead");
        Directory.CreateDirectory(damaged);
        File.WriteAllText(Path.Combine(damaged, NetworkState.RecordFile), record);
        var told = new List<string>();

        _machine.State.Networks(told.Add).ShouldHaveSingleItem().Record.ShouldBe(sound.Record);

        told.ShouldHaveSingleItem().ShouldContain(damaged);
        _machine.State.Find("office").ShouldNotBeNull();
    }

    [Fact]
    public void A_record_that_is_damaged_while_it_is_served_is_not_one_that_was_left()
    {
        var network = _machine.Join();
        File.WriteAllText(Path.Combine(network.Folder, NetworkState.RecordFile), "{");

        network.IsGone().ShouldBeFalse();
        Directory.Delete(network.Folder, recursive: true);
        network.IsGone().ShouldBeTrue();
    }

    [Fact]
    public void A_revocation_that_is_damaged_is_still_one()
    {
        var network = _machine.Join();
        File.WriteAllText(Path.Combine(network.Folder, "revoked.json"), "");

        network.ReadRevocation().ShouldNotBeNull();
    }

    [Fact]
    public void The_same_code_finds_the_same_keys_again()
    {
        var first = _machine.State.OpenPending("aaaaaaaa");
        var again = _machine.State.OpenPending("aaaaaaaa");
        var other = _machine.State.OpenPending("bbbbbbbb");
        again.WireGuardKey.ToBase64().ShouldBe(first.WireGuardKey.ToBase64());
        again.IdentityKey.ShouldBe(first.IdentityKey);
        other.WireGuardKey.ToBase64().ShouldNotBe(first.WireGuardKey.ToBase64());
        other.IdentityKey.ShouldNotBe(first.IdentityKey);
        _machine.State.Networks().ShouldBeEmpty();
    }

    [Theory]
    [InlineData(NetworkState.WireGuardKeyFile)]
    [InlineData(NetworkState.IdentityKeyFile)]
    [InlineData(NetworkState.CertificateFile)]
    [InlineData(NetworkState.TrustFile)]
    [InlineData(NetworkState.MapFile)]
    [InlineData(NetworkState.RecordFile)]
    public void Killed_while_any_file_is_written_a_machine_has_not_joined_and_joins_again(string torn)
    {
        string[] order =
        [
            NetworkState.WireGuardKeyFile, NetworkState.IdentityKeyFile, NetworkState.CertificateFile,
            NetworkState.TrustFile, NetworkState.MapFile, NetworkState.RecordFile,
        ];
        var whole = _machine.State.OpenPending(JoinedMachine.Token);
        var map = NetworkHistory.MapOf(7, 2);
        var record = _machine.Record(map.Network, JoinedMachine.Token);
        _machine.Complete(whole, record, map);
        var content = File.ReadAllBytes(Path.Combine(whole.Folder, torn));
        foreach (var length in new[] { 0, 1, content.Length / 2, content.Length })
        {
            // As a kill leaves it: what came before is whole, this is half beside its place, what comes after is not there.
            foreach (var file in order.SkipWhile(f => f != torn))
            {
                File.Delete(Path.Combine(whole.Folder, file));
            }

            File.WriteAllBytes(Path.Combine(whole.Folder, torn + ".new"), content[..length]);
            File.SetUnixFileMode(Path.Combine(whole.Folder, torn + ".new"), AtomicFile.OwnerOnly | UnixFileMode.OtherRead);
            _machine.State.Networks().ShouldBeEmpty();

            var again = _machine.State.OpenPending(JoinedMachine.Token);
            if (torn != NetworkState.WireGuardKeyFile)
            {
                again.WireGuardKey.ToBase64().ShouldBe(whole.WireGuardKey.ToBase64());
            }

            _machine.Complete(again, record, map);
            Directory.EnumerateFiles(again.Folder, "*.new").ShouldBeEmpty();
            File.GetUnixFileMode(Path.Combine(again.Folder, torn)).ShouldBe(AtomicFile.OwnerOnly);
        }

        _machine.State.Adopt(_machine.State.OpenPending(JoinedMachine.Token), record).Record.ShouldBe(record);
        _machine.State.Networks().ShouldHaveSingleItem().ReadMap().ShouldNotBeNull().Map.Version.ShouldBe(7);
    }

    [Fact]
    public void Killed_before_the_rename_that_joins_a_machine_has_not_joined()
    {
        var map = NetworkHistory.MapOf(7, 2);
        _machine.Complete(_machine.State.OpenPending(JoinedMachine.Token), _machine.Record(map.Network, JoinedMachine.Token), map);
        _machine.State.Networks().ShouldBeEmpty();
        _machine.State.Find(map.Network.Id.ToString("D")).ShouldBeNull();
    }

    [Fact]
    public void A_damaged_map_is_none_at_all_never_an_empty_one_and_the_backends_is_fetched()
    {
        var network = _machine.Join();
        var map = Path.Combine(network.Folder, NetworkState.MapFile);
        foreach (var content in new[] { "", "{", "{}", "null and more" })
        {
            File.WriteAllText(map, content);
            network.ReadMap().ShouldBeNull();
        }
    }

    [Fact]
    public void A_status_that_a_power_cut_emptied_is_none()
    {
        var network = _machine.Join();
        network.WriteStatus(new AgentStatus(true, null, null, null, null, null, 1, default));
        File.WriteAllText(Path.Combine(network.Folder, "status.json"), "");
        network.ReadStatus().ShouldBeNull();
    }

    [Fact]
    public void An_agent_runs_as_long_as_its_lock_is_held_and_one_at_a_time()
    {
        var network = _machine.Join();
        network.IsServed.ShouldBeFalse();
        using (var held = network.TryServe())
        {
            held.ShouldNotBeNull();
            network.IsServed.ShouldBeTrue();
            network.TryServe().ShouldBeNull();
        }

        network.IsServed.ShouldBeFalse();
        network.TryServe().ShouldNotBeNull().Dispose();
    }

    [Fact]
    public void A_network_is_found_by_name_and_id_and_forgotten_whole()
    {
        var network = _machine.Join();
        _machine.State.Find("office").ShouldNotBeNull().Folder.ShouldBe(network.Folder);
        _machine.State.Find(network.Record.Id.ToString("D")).ShouldNotBeNull();
        _machine.State.Find("other").ShouldBeNull();
        Directory.ResolveLinkTarget(Path.Combine(_machine.State.Path, "office"), false).ShouldNotBeNull().FullName.ShouldBe(network.Folder);
        network.IsGone().ShouldBeFalse();

        _machine.State.Forget(network);
        network.IsGone().ShouldBeTrue();
        Directory.EnumerateFileSystemEntries(_machine.State.Path).ShouldBeEmpty();
    }

    [Fact]
    public void A_network_may_be_called_as_a_folder_that_is_there_already()
    {
        Directory.CreateDirectory(Path.Combine(_machine.State.Path, "engine"));
        _machine.Join("engine").Record.Name.ShouldBe("engine");
        Directory.ResolveLinkTarget(Path.Combine(_machine.State.Path, "engine"), false).ShouldBeNull();
        _machine.State.Find("engine").ShouldNotBeNull();
    }

    public void Dispose() => _machine.Dispose();
}
