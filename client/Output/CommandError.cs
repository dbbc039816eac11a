using Elysium.Client.Backend;

namespace Elysium.Client.Output;

/// <summary>Why a command did not do what it was asked to, and how the process answers for it.</summary>
/// <param name="Code">The exit code.</param>
/// <param name="Message">What was wrong and what to do, in one line.</param>
internal sealed record CommandError(ExitCode Code, string Message)
{
    public static CommandError Of(Failure failure) => failure switch
    {
        Untrusted => new(ExitCode.BackendUntrusted, $"{failure.Message}. Nothing secret was sent."),
        Refusal { Code: ProblemCodes.PeerRevoked } => new(ExitCode.Revoked, failure.Message),
        Refusal refusal => new(ExitCode.Refused, refusal.Advice is { } advice ? $"{refusal.Message} {advice}" : refusal.Message),
        Unreachable => new(ExitCode.BackendUnreachable, failure.Message),
        _ => new(ExitCode.Failed, failure.Message),
    };

    public ExitCode Tell(Terminal terminal) => terminal.Fail(Code, Message);
}
