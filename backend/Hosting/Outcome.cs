namespace Elysium.Backend.Hosting;

/// <summary>An expected "no": a stable code of <see cref="Contracts.ProblemCodes"/> and what to tell the caller.</summary>
internal sealed record Refusal(string Code, string Detail);

/// <summary>What an operation came to: its result, or the reason why not. Exceptions are for bugs and broken dependencies.</summary>
internal readonly struct Outcome<T>
{
    private readonly T? _value;

    private Outcome(T? value, Refusal? refusal)
    {
        _value = value;
        Refusal = refusal;
    }

    public Refusal? Refusal { get; }

    public T Value => Refusal is null ? _value! : throw new InvalidOperationException($"There is no result: {Refusal.Code}.");

    public static implicit operator Outcome<T>(T value) => new(value, null);

    public static implicit operator Outcome<T>(Refusal refusal) => new(default, refusal);
}
