using System.Security.Cryptography;
using System.Text.Json;
using Elysium.Contracts;

namespace Elysium.Backend.Tests.Maps;

public sealed class ConvergenceTests
{
    private const int Readers = 4;
    private const int Steps = 250;

    /// <summary>
    /// Whatever happens in whatever order, rung for here or made elsewhere, and however often a reader breaks off and resumes with whatever it
    /// holds: each ends at what the database says. The names and order differ in every run; the message has what is needed.
    /// </summary>
    [Fact]
    public async Task Random_changes_and_random_resumes_end_at_what_the_database_says()
    {
        await using var backend = await TestBackend.StartAsync();
        var network = await backend.CreateNetworkAsync("home", "10.77.0.0/16");
        var code = await backend.CreateCodeAsync(uses: Readers);
        var changes = new DirectChanges(backend, network.Id);
        var readers = new List<Reader>();
        for (var i = 0; i < Readers; i++)
        {
            readers.Add(new Reader(backend, await backend.JoinAsync($"reader-{i}", code), gzip: i % 2 == 0));
        }

        using var over = new CancellationTokenSource();
        var reading = readers.Select(r => Task.Run(() => r.RunAsync(over))).ToList();
        var present = new List<Guid>();
        var names = 0;
        for (var step = 0; step < Steps; step++)
        {
            var removed = Array.Empty<Guid>();
            long version;
            switch (present.Count == 0 ? 0 : Next(10))
            {
                case < 5:
                    (var joined, version) = await changes.JoinAsync($"machine-{++names}");
                    present.Add(joined);
                    break;
                case < 8:
                    version = await changes.RenameAsync(present[Next(present.Count)], $"machine-{++names}");
                    break;
                default:
                    var victim = present[Next(present.Count)];
                    version = await changes.RemoveAsync(victim);
                    present.Remove(victim);
                    removed = [victim];
                    break;
            }

            if (Next(2) == 0)
            {
                changes.Ring(version, removed);
            }

            if (Next(4) == 0)
            {
                readers[Next(Readers)].BreakOff();
            }
        }

        var truth = await changes.TruthAsync();
        foreach (var reader in readers)
        {
            reader.Until(truth.Version);
        }

        await Task.WhenAll(reading).WaitAsync(TimeSpan.FromSeconds(60));
        foreach (var reader in readers)
        {
            reader.Names.OrderBy(n => n.Key).ShouldBe(truth.Names.OrderBy(n => n.Key), $"{reader.History}");
        }
    }

    private static int Next(int below) => RandomNumberGenerator.GetInt32(below);

    /// <summary>Holds a map as an agent does.</summary>
    private sealed class Reader(TestBackend backend, TestPeer peer, bool gzip)
    {
        private long _until = long.MaxValue;
        private volatile bool _breakOff;

        public long Version { get; private set; }

        public Dictionary<Guid, string> Names { get; private set; } = [];

        public string History { get; private set; } = "";

        public void BreakOff() => _breakOff = true;

        public void Until(long version) => Volatile.Write(ref _until, version);

        public async Task RunAsync(CancellationTokenSource over)
        {
            while (Version < Volatile.Read(ref _until))
            {
                over.IsCancellationRequested.ShouldBeFalse();
                _breakOff = false;
                await using var feed = await TestFeed.OpenAsync(backend, peer, Version == 0 ? null : $"{Version}", gzip);
                while (!_breakOff && Version < Volatile.Read(ref _until) && await feed.TryNextAsync() is { } item)
                {
                    History += $"{item.EventType[0]}{item.EventId} ";
                    Take(item.EventType, item.Data);
                }
            }
        }

        private void Take(string type, string data)
        {
            if (type == FeedEvents.Map)
            {
                var map = JsonSerializer.Deserialize(data, ElysiumJson.Default.NetworkMap)!;
                (Version, Names) = (map.Version, map.Peers.ToDictionary(p => p.Id, p => p.Name));
            }
            else if (type == FeedEvents.Change)
            {
                var change = JsonSerializer.Deserialize(data, ElysiumJson.Default.MapChange)!;
                Version = Math.Max(Version, change.Version);
                change.Peers.ToList().ForEach(p => Names[p.Id] = p.Name);
                change.Removed.ToList().ForEach(id => Names.Remove(id));
            }
        }
    }
}
