using Elysium.Backend.Hub;

namespace Elysium.Backend.Maps;

/// <summary>After a commit: cuts the streams of who is out, then wakes every stream of the network and the hub.</summary>
internal sealed class ChangePublisher(StreamRegistry streams, AgentSessions sessions, Doorbell doorbell, HubSignal hub)
{
    public void Publish(Change change)
    {
        foreach (var peer in change.RemovedPeers)
        {
            streams.Cut(peer);
            sessions.Forget(peer);
        }

        var urgent = change.RemovedPeers.Count > 0 || change.NetworkDeleted;
        doorbell.Ring(change.NetworkId, change.NetworkDeleted ? Doorbell.Gone : change.Version, atOnce: urgent);
        hub.Wake(urgent);
    }
}
