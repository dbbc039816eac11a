namespace Elysium.Client.State;

/// <summary>What does not change while a machine is in a network: <c>network.json</c>.</summary>
/// <param name="Id">The network's id.</param>
/// <param name="Name">The network's name when the machine joined.</param>
/// <param name="Interface">The interface that this machine uses for it.</param>
/// <param name="Backend">Base URL from the join code; the map's come first once there is one.</param>
/// <param name="TokenPrefix">Public name of the enrollment token, so that the same code is recognised.</param>
/// <param name="JoinedAt">When it joined.</param>
internal sealed record NetworkRecord(Guid Id, string Name, string Interface, Uri Backend, string TokenPrefix, DateTimeOffset JoinedAt);

/// <summary>The backend's final word, kept beside the identity that it ended: <c>revoked.json</c>.</summary>
/// <param name="Reason">The problem's detail.</param>
/// <param name="At">When the agent heard it.</param>
internal sealed record Revocation(string Reason, DateTimeOffset At);

/// <summary>What the running agent knows: <c>status.json</c>. Worth nothing when no agent holds the lock.</summary>
/// <param name="Connected">Whether the event stream is open and has given its first item.</param>
/// <param name="Since">Since when it is so; null: it never was in this run.</param>
/// <param name="LastItemAt">The stream's last item.</param>
/// <param name="BackendStaleSince">Since when the backend itself cannot read its database.</param>
/// <param name="Problem">What stands between the agent and the backend.</param>
/// <param name="InterfaceProblem">What stands between the agent and its interface.</param>
/// <param name="ProcessId">The agent's.</param>
/// <param name="WrittenAt">When this was written.</param>
internal sealed record AgentStatus(
    bool Connected,
    DateTimeOffset? Since,
    DateTimeOffset? LastItemAt,
    DateTimeOffset? BackendStaleSince,
    string? Problem,
    string? InterfaceProblem,
    int ProcessId,
    DateTimeOffset WrittenAt);

/// <summary>A map as it is kept on disk: <c>map.json</c>.</summary>
/// <param name="Map">The map.</param>
/// <param name="ReceivedAt">When the backend last confirmed it.</param>
internal sealed record CachedMap(NetworkMap Map, DateTimeOffset ReceivedAt);
