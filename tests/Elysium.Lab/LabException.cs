namespace Elysium.Lab;

/// <summary>Something on a lab's host did not go as it must.</summary>
public sealed class LabException : Exception
{
    /// <summary>With what happened.</summary>
    public LabException(string message)
        : base(message)
    {
    }

    /// <summary>With what happened and why.</summary>
    public LabException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
