namespace Elysium.WireGuard;

/// <summary>What is wrong with a text, and where.</summary>
/// <param name="Line">The line, from 1.</param>
/// <param name="Message">What is wrong and what is allowed. Never a secret: a value that may be a key is not in it.</param>
public sealed record TextError(int Line, string Message)
{
    /// <summary><c>line 3: 'ListenPort' is …</c></summary>
    public override string ToString() => $"line {Line}: {Message}";
}
