using Elysium.Backend.Hub;

namespace Elysium.Backend.Maps;

/// <summary>After a commit: cuts the streams of who is out, then wakes the network's feed and the hub. What is rung carries ids and a version only.</summary>
internal sealed class ChangePublisher(StreamRegistry streams, AgentSessions sessions, NetworkFeeds feeds, HubSignal hub)
{
    public void Publish(Change change)
    {
        foreach (var peer in change.RemovedPeers)
        {
            streams.Cut(peer);
            sessions.Forget(peer);
        }

        var urgent = change.RemovedPeers.Count > 0 || change.NetworkDeleted;
        feeds.Ring(change, urgent);
        hub.Wake(urgent);
    }
}
