using Elysium.Client.State;

namespace Elysium.Client.Agent;

/// <summary>Keeps <c>status.json</c> true: written on every change, and by every item of the stream, so that a hung agent shows.</summary>
internal sealed class StatusBoard(NetworkState state, TimeProvider time, AgentLog log)
{
    private readonly Lock _gate = new();
    private bool _isUnwritable;
    private AgentStatus _status = new(false, null, null, null, null, null, Environment.ProcessId, time.GetUtcNow());

    public void Item(DateTimeOffset? backendStaleSince = null) => Write(s => s with
    {
        Connected = true,
        Since = s.Connected ? s.Since : time.GetUtcNow(),
        LastItemAt = time.GetUtcNow(),
        BackendStaleSince = backendStaleSince,
        Problem = null,
    });

    public void Disconnected(string? problem) => Write(s => s with
    {
        Connected = false,
        Since = s.Connected ? time.GetUtcNow() : s.Since,
        Problem = problem,
    });

    public void Interface(string? problem)
    {
        if (_status.InterfaceProblem != problem)
        {
            Write(s => s with { InterfaceProblem = problem });
        }
    }

    private void Write(Func<AgentStatus, AgentStatus> change)
    {
        lock (_gate)
        {
            _status = change(_status) with { WrittenAt = time.GetUtcNow() };
            try
            {
                state.WriteStatus(_status);
                _isUnwritable = false;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // What it tells grows old, and 'status' sees that. A full disk is no reason to be without a network.
                if (!_isUnwritable)
                {
                    log.StatusUnwritable(e.Message);
                }

                _isUnwritable = true;
            }
        }
    }
}
