// A comment.
import { useState } from "react";

interface Props {
  name: string;
}

export function Rope({ name }: Props) {
  const [count, setCount] = useState<number>(0);
  const twist = () => setCount(count + 1);
  return (
    <div className="rope">
      {/* inside */}
      plain text
      <Strand onClick={twist} label={`rope ${name} $0long`} />
    </div>
  );
}

class Yard extends Component<Props> {
  render() {
    return <Rope name='one' />;
  }
}
