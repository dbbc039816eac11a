using System.Diagnostics.CodeAnalysis;

namespace Elysium.Client.Backend;

/// <summary>What became of a request: the value, or why there is none. Never both, never neither.</summary>
internal readonly struct Answer<T>
    where T : class
{
    private readonly T? _value;
    private readonly Failure? _failure;

    private Answer(T? value, Failure? failure)
    {
        _value = value;
        _failure = failure;
    }

    public static implicit operator Answer<T>(T value) => new(value, null);

    public static implicit operator Answer<T>(Failure failure) => new(null, failure);

    public bool Is([NotNullWhen(true)] out T? value, [NotNullWhen(false)] out Failure? failure)
    {
        value = _value;
        failure = _failure;
        return value is not null;
    }
}

/// <summary>The value of an answer that has no body.</summary>
internal sealed record Done
{
    public static Done Value { get; } = new();
}

/// <summary>Why a request gave nothing. <see cref="Message"/> is a sentence for people, without secrets.</summary>
internal abstract record Failure(string Message);

/// <summary>The backend could not be reached, did not answer in time, or cannot do it now. Trying again may help.</summary>
internal sealed record Unreachable(string Message) : Failure(Message);

/// <summary>The backend does not know whether it did what it was asked. Nothing here asks again by itself.</summary>
internal sealed record Undecided(string Message) : Failure(Message);

/// <summary>The backend is well; something here is not, such as a full disk.</summary>
internal sealed record LocalTrouble(string Message) : Failure(Message);

/// <summary>What answers could not prove to be the backend. Nothing secret was sent.</summary>
internal sealed record Untrusted(string Message) : Failure(Message);

/// <summary>The backend proved who it is and refused.</summary>
internal sealed record Refusal(Problem Problem) : Failure(Problem.Detail ?? Problem.Title)
{
    public string Code => Problem.Code;

    /// <summary>What the person at this end can do about it, where the backend cannot know.</summary>
    public string? Advice => Code switch
    {
        ProblemCodes.NameTaken => "Choose another name with --name.",
        ProblemCodes.NetworkNameTaken => "Choose another name.",
        ProblemCodes.InvalidName => "Choose a name with --name.",
        ProblemCodes.EnrollmentTokenUnknown or ProblemCodes.EnrollmentTokenExpired or ProblemCodes.EnrollmentTokenUsedUp
            or ProblemCodes.EnrollmentTokenRevoked => "Ask for a new join code ('elysium token create NETWORK').",
        ProblemCodes.ApiTokenInvalid => "Log in again with 'elysium login URL'.",
        _ => null,
    };
}
